"""Ridge regression from a window's values to what follows it, in blocks, so that not all windows are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.components.units import squarable_columns

MOST_WINDOWS = 20_000  # drawn from the training split: more of them change little
MOST_VALUES = 2**25  # in the drawn windows: what a long Jena run can wait for on two cores
MOST_INPUTS = 4_096  # values of one window; their products take 134 MB
HELD_OUT = 0.2  # share of the drawn windows that the penalty is chosen on
PENALTIES = (1e-6, 1e-4, 1e-2, 1e-1, 1.0, 10.0)  # times the number of windows
BLOCK = 2**22  # values gathered at once

Weights = tuple[np.ndarray, np.ndarray]  # slopes (inputs, outputs) and constants (outputs,)


def ridge(train: Windows, windows: Windows, target: SeriesTarget) -> np.ndarray:
    """Return ridge regression's forecasts of `windows`, (n, horizon, targets) float64 in original units.

    Each horizon step of each target is a linear function of all values of the window, and a constant (Hoerl and
    Kennard, 1970). It is fitted on training windows drawn with a fixed seed: at most 20,000, and at most 33 million
    values in all; of these, on the windows of which the file has every value that is forecast. The penalty on squared
    weights is the one of six that has the least squared error on the last fifth of the drawn windows when fitted on the
    others. Features are scaled to mean 0 and standard deviation 1, so that the penalty treats them alike. Of windows
    with more than 4,096 values only the last input steps are used, as many as fit.
    """
    steps = slice(-max(1, MOST_INPUTS // train.features.shape[1]), None)
    inputs = len(train.input_rows[steps]) * train.features.shape[1]
    drawn = _drawn(train, MOST_VALUES // inputs)
    standard = _Standard(drawn, steps, target)
    held = int(HELD_OUT * len(drawn))
    learned, judged = drawn.taken(slice(len(drawn) - held)), drawn.taken(slice(len(drawn) - held, None))
    moments = _Moments(inputs, len(train.horizon_rows) * train.values.shape[1])
    moments.add(standard.blocks(learned))
    penalty = PENALTIES[0]
    if held:
        errors = [_error(moments.weights(one), standard.blocks(judged)) for one in PENALTIES]
        penalty = PENALTIES[np.argmin(errors)]
        moments.add(standard.blocks(judged))
    slopes, constant = (part.astype(train.features.dtype) for part in moments.weights(penalty))
    forecasts = [x @ slopes + constant for x, _ in standard.blocks(windows)]
    shape = (len(windows), len(windows.horizon_rows), windows.values.shape[1])
    outputs = np.concatenate([np.empty((0, slopes.shape[1])), *forecasts]).reshape(shape)
    return target.units_of(windows.sample_series).original(outputs)


def _drawn(train: Windows, most: int) -> Windows:
    """Return the windows to fit on, in ascending order: all, or `most` drawn at random.

    Windows whose targets are not all in the file are left out, unless there are no others.
    """
    starts, most = train.starts, min(MOST_WINDOWS, max(1, most))
    if len(starts) > most:
        starts = np.random.default_rng(0).choice(starts, most, replace=False)
    drawn = replace(train, starts=np.sort(starts))
    if drawn.observed is None:
        return drawn
    whole = drawn.observed[drawn.starts[:, None] + drawn.horizon_rows].all(axis=(1, 2))
    return drawn.taken(whole) if whole.any() else drawn


class _Standard:
    """Windows as flat arrays of inputs; each feature has mean 0 and standard deviation 1 in the training windows."""

    def __init__(self, train: Windows, steps: slice, target: SeriesTarget):
        """Take the training windows, and the input steps to use."""
        self.steps, self.target = steps, target
        seen = train.features[train.index].astype(np.float64)
        unit = squarable_columns(seen)
        deviation = (seen / unit).std(axis=0) * unit
        self.mean = seen.mean(axis=0).astype(train.features.dtype)
        self.deviation = np.where(deviation > 0, deviation, 1).astype(train.features.dtype)

    def blocks(self, windows: Windows) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield inputs (block, inputs) and targets (block, outputs), in the network's units, of the windows."""
        size = max(1, BLOCK // (len(windows.input_rows[self.steps]) * windows.features.shape[1]))
        for first in range(0, len(windows), size):
            block = windows.taken(slice(first, first + size))
            x = block.inputs(self.steps)  # (block, time, features)
            x -= self.mean
            x /= self.deviation
            values = block.values[block.starts[:, None] + block.horizon_rows]
            y = self.target.units_of(block.sample_series).scaled(values)
            yield x.reshape(len(x), -1), y.reshape(len(y), -1)


class _Moments:
    """Sums of inputs x, targets y and their products over windows: all that least squares needs to know of them."""

    def __init__(self, inputs: int, outputs: int):
        self.count = 0
        self.x, self.y = np.zeros(inputs), np.zeros(outputs)
        self.xx, self.xy = np.zeros((inputs, inputs)), np.zeros((inputs, outputs))

    def add(self, blocks: Iterator[tuple[np.ndarray, np.ndarray]]) -> None:
        """Add further windows to the sums."""
        for x, y in ((x.astype(np.float64), y.astype(np.float64)) for x, y in blocks):
            self.count += len(x)
            self.x += x.sum(axis=0)
            self.y += y.sum(axis=0)
            self.xx += x.T @ x
            self.xy += x.T @ y

    def weights(self, penalty: float) -> Weights:
        """Return the weights of least squared error + penalty * count * squared slopes; constants have no penalty."""
        from scipy.linalg import cho_factor, cho_solve

        x, y = self.x / self.count, self.y / self.count
        matrix = np.outer(x, -self.x)
        matrix += self.xx  # in place, as it is large: sum of (x - mean x)(x - mean x)'
        matrix.flat[:: len(x) + 1] += penalty * self.count
        factor = cho_factor(matrix.T, overwrite_a=True)  # symmetric; transposed it is in LAPACK's order
        slopes = cho_solve(factor, self.xy - np.outer(self.x, y))
        return slopes, y - x @ slopes


def _error(weights: Weights, blocks: Iterator[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return the sum of squared errors over all windows of the blocks."""
    slopes, constant = weights
    return sum(float(((x @ slopes + constant - y) ** 2).sum()) for x, y in blocks)
