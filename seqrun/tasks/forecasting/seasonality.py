"""The period of a series' season, from its training rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from seqrun.components.splits import Windows

CYCLES = 6  # a season must be seen so often
MULTIPLES = 4  # and hold over so many of its periods
CONTRAST = 0.7  # rows a period apart differ by no more than this share of what rows half a period off differ by
NEARLY = 1.25  # a shorter period whose rows differ by no more than this, times the best period's, is preferred
OUTLIERS = 0.005  # the share of the rows that is clipped at either end
MOST_SEGMENTS = 1000


def find_period(train: Windows) -> int | None:
    """The rows of a season that all of the targets share; None if there is none, or it was seen fewer than 6 times.

    Looks at D(k), the mean of (value - value k rows before)^2 over the training rows, Matheron's (1963) variogram,
    which neither trend nor slow wandering disturbs: D(k) of anything that has no season grows like k^a with
    0 <= a <= 2, and then D at a lag is 0.8 to 1.08 times its mean half a period to either side. A season of m rows
    makes D(m), D(2m), ... far smaller than that. Of the periods for which the ratio, on average over the first four
    multiples, is at most 0.7, it is the shortest at which rows differ about as little as at the best.
    """
    segments = sorted(train.segments, key=lambda rows: rows[0] - rows[1])[:MOST_SEGMENTS]  # the longest
    longest = segments[0][1] - segments[0][0]
    periods = np.arange(2, longest // CYCLES + 1)
    if not len(periods):
        return None
    lags = int((MULTIPLES + 0.5) * periods[-1]) + 1
    differences = sum(_differences(_clipped(column), segments, lags) for column in train.values.T)
    contrast = _contrast(differences, periods)
    seasonal = contrast <= CONTRAST
    if not seasonal.any():
        return None
    at = differences[periods]
    # Of two periods that hardly differ in what they leave unexplained, the longer is a multiple of the shorter.
    bound = NEARLY * at[seasonal].min() + 0.02 * differences[1:].mean()
    shortest = periods[seasonal & (at <= bound)][0]
    near = (periods >= 0.75 * shortest) & (periods <= 1.34 * shortest)  # it is on the flank of the true one's trough
    return int(periods[np.argmin(np.where(near, contrast, np.inf))])


def _contrast(differences: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """(periods,) D(j m) / mean of D((j - 1/2) m) and D((j + 1/2) m), averaged over j = 1 ... MULTIPLES."""

    def at(halves: int) -> np.ndarray:
        """D at that many half periods, half-way between rows if need be."""
        return (differences[halves * periods // 2] + differences[(halves * periods + 1) // 2]) / 2

    with np.errstate(invalid="ignore", divide="ignore"):  # constant rows do not differ at all: nan
        ratios = [2 * at(2 * j) / (at(2 * j - 1) + at(2 * j + 1)) for j in range(1, MULTIPLES + 1)]
    return np.mean(ratios, axis=0)


def _differences(values: np.ndarray, segments: Sequence[tuple[int, int]], lags: int) -> np.ndarray:
    """(lags + 1,) D of one target over all pairs of rows that lie in one segment, relative to its mean."""
    total, pairs = np.zeros(lags + 1), np.zeros(lags + 1)
    for first, end in segments:
        x = values[first:end] - values[first:end].mean()
        known = np.arange(min(lags + 1, len(x)))
        squares = np.append(0, np.cumsum(x**2))
        total[known] += squares[-1] - squares[known] + squares[len(x) - known] - 2 * _products(x, len(known))
        pairs[known] += len(x) - known
    total = np.maximum(total, 0) / np.maximum(pairs, 1)
    mean = total[1:].mean()
    return total / mean if mean > 0 else total


def _products(x: np.ndarray, lags: int) -> np.ndarray:
    """(lags,) the sum of x[t] x[t + k], by the fast Fourier transform."""
    size = 1 << (len(x) + lags - 1).bit_length()
    spectrum = np.fft.rfft(x, size)
    return np.fft.irfft(spectrum * spectrum.conj(), size)[:lags]


def _clipped(values: np.ndarray) -> np.ndarray:
    """Values in float64, the most extreme of them cut, as a few faulty readings would drown everything else."""
    low, high = np.quantile(values, [OUTLIERS, 1 - OUTLIERS])
    return np.clip(values.astype(np.float64), low, high)
