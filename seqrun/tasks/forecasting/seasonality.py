"""The period of a series' season, from its training rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.units import squarable_columns

if TYPE_CHECKING:
    from seqrun.components.splits import Windows
    from seqrun.components.targets import SeriesTarget

CYCLES = 6  # how many seasons the longest segment must hold
MULTIPLES = 4  # how many periods apart rows must still be alike
CONTRAST = 0.7  # the highest ratio (see `find_period`) of a season
NEARLY = 1.25  # a shorter period is preferred whose D is at most so many times the least
OUTLIERS = 0.005  # share of the rows that is clipped at either end
MOST_SEGMENTS = 1000


def find_period(train: Windows, target: SeriesTarget) -> int | None:
    """Return how many rows a season has that all targets share; None if there is none, or fewer than 6 in a segment.

    D(k) is the mean of (value - value k rows before)^2 over the training rows: Matheron's (1963) variogram. Without a
    season it grows like k^a with 0 <= a <= 2, whatever trend or slow wandering there is; then D at a lag is 0.8 to 1.08
    times the mean of D half a period before and after that lag. With a season of m rows this ratio is far smaller at
    m, 2m, ... The result is taken from the periods at which the ratio, averaged over the first four multiples, is at
    most 0.7: the shortest of them whose D is nearly the least.
    """
    segments = sorted(train.segments, key=lambda rows: rows[0] - rows[1])[:MOST_SEGMENTS]  # the longest first
    longest = segments[0][1] - segments[0][0]
    values = target.units_of(train.series).scaled(train.values[:, None])[:, 0]  # (rows, targets)
    periods = np.arange(2, longest // CYCLES + 1)
    if not len(periods):
        return None
    lags = int((MULTIPLES + 0.5) * periods[-1]) + 1
    values = values / squarable_columns(values)  # D is divided by its mean anyway
    each = (_differences(_clipped(column), segments, lags) for column in values.T)
    differences = sum(each, start=np.zeros(lags + 1))
    contrast = _contrast(differences, periods)
    seasonal = contrast <= CONTRAST
    if not seasonal.any():
        return None
    at = differences[periods]
    # Of two periods with nearly the same D, the longer is a multiple of the shorter.
    bound = NEARLY * at[seasonal].min() + 0.02 * differences[1:].mean()
    shortest = periods[seasonal & (at <= bound)][0]
    near = (periods >= 0.75 * shortest) & (periods <= 1.34 * shortest)  # it may lie beside the lowest ratio
    return int(periods[np.argmin(np.where(near, contrast, np.inf))])


def _contrast(differences: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Return for each period m the mean, over j = 1 ... MULTIPLES, of 2 D(j m) / (D((j - 1/2) m) + D((j + 1/2) m))."""

    def at(halves: int) -> np.ndarray:
        """Return D at that many half periods; between two lags, their mean."""
        return (differences[halves * periods // 2] + differences[(halves * periods + 1) // 2]) / 2

    with np.errstate(invalid="ignore", divide="ignore"):  # constant rows do not differ at all: 0 / 0 is nan
        ratios = [2 * at(2 * j) / (at(2 * j - 1) + at(2 * j + 1)) for j in range(1, MULTIPLES + 1)]
    return np.mean(ratios, axis=0)


def _differences(values: np.ndarray, segments: Sequence[tuple[int, int]], lags: int) -> np.ndarray:
    """Return D(0), D(1), ... D(lags) of one target, divided by their mean; both rows of a pair lie in one segment."""
    total, pairs = np.zeros(lags + 1), np.zeros(lags + 1)
    for first, end in segments:
        x = values[first:end] - values[first]  # exactly 0 where nothing changes
        x -= x.mean()
        known = np.arange(min(lags + 1, len(x)))
        squares = np.append(0, np.cumsum(x**2))
        total[known] += squares[-1] - squares[known] + squares[len(x) - known] - 2 * _products(x, len(known))
        pairs[known] += len(x) - known
    total = np.maximum(total, 0) / np.maximum(pairs, 1)
    mean = total[1:].mean()
    return total / mean if mean > 0 else total


def _products(x: np.ndarray, lags: int) -> np.ndarray:
    """Return, for k = 0 ... lags - 1, the sum over t of x[t] x[t + k], by the fast Fourier transform."""
    size = 1 << (len(x) + lags - 1).bit_length()
    spectrum = np.fft.rfft(x, size)
    return np.fft.irfft(spectrum * spectrum.conj(), size)[:lags]


def _clipped(values: np.ndarray) -> np.ndarray:
    """Return the values in float64, clipped at two quantiles: a few faulty readings would outweigh all others."""
    low, high = np.quantile(values, [OUTLIERS, 1 - OUTLIERS])
    return np.clip(values.astype(np.float64), low, high)
