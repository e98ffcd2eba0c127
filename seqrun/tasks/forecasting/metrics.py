"""The errors of forecasts: in original units and in the network's, overall and by horizon step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.targets import original
from seqrun.tasks.forecasting.columns import METRICS

if TYPE_CHECKING:
    from seqrun.components.splits import Windows

BLOCK = 2**15  # values worked on at once: few enough to stay in the processor's cache


@dataclass(frozen=True)
class Units:
    """The units of each target: a value in original units is the network's * scale + offset."""

    offset: Sequence[float]  # (targets,)
    scale: Sequence[float]  # (targets,)
    naive_mae: np.ndarray | Sequence[float]  # (targets,) see `naive_mae`; in original units

    def original(self, values: np.ndarray) -> np.ndarray:
        """Return values (..., targets) of the network in original units, float64."""
        return original(values, self.offset, self.scale)


def forecast_metrics(targets: np.ndarray, predictions: np.ndarray, units: Units) -> dict[str, float]:
    """Return the metrics of `columns.METRICS`; takes arrays (n, horizon, targets) in the network's units.

    y is a target's value and f its forecast; means are over all samples, horizon steps and targets. In original units:

    - mae = mean |y - f|; mse = mean (y - f)^2; rmse = sqrt(mse).
    - smape = mean of 200 |y - f| / (|y| + |f|), in percent, 0 to 200; 0 where y and f are both 0 (Makridakis et al.,
      2020, "The M4 Competition", section 2.3.1).
    - mase = mae / naive_mae of each target, averaged over the targets. naive_mae is the error on the training rows of
      the seasonal naive forecast if there is a season, else of the last value (Hyndman and Koehler, 2006, "Another look
      at measures of forecast accuracy", equation 3 and section 3).
    - r2 = 1 - sum (y - f)^2 / sum (y - mean y)^2 of each target, over its samples and steps, averaged over the targets:
      scikit-learn's r2_score of arrays (n * horizon, targets).

    scaled_mae and scaled_mse are mae and mse in the network's units. What is not defined is nan: every metric if there
    are no samples or forecasts are not finite, r2 if a target is constant, mase if a naive forecast has no error.
    Computes in float64. Raises ValueError if the arrays differ in shape or are not of three dimensions.
    """
    return _errors(targets, predictions, units).metrics(units)


def metrics_by_step(targets: np.ndarray, predictions: np.ndarray, units: Units) -> dict[str, list[float]]:
    """Return each metric of `forecast_metrics` for each horizon step alone, as lists (horizon,)."""
    errors = _errors(targets, predictions, units)
    steps = [errors.at(step).metrics(units) for step in range(errors.absolute.shape[0])]
    return {name: [step[name] for step in steps] for name in METRICS}


def naive_mae(train: Windows, period: int = 1, scale: Sequence[float] = (1.0,)) -> np.ndarray:
    """Return (targets,) mean |value - value a period before| over the training rows, times `scale`: mase's denominator.

    With a period of 1 it is the error of the last value. Both rows of a difference lie in one segment, so none spans
    two series. nan if no segment is longer than the period. Source: Hyndman and Koehler, 2006.
    """
    total, count = np.zeros(train.values.shape[1]), 0
    for first, end in train.segments:
        rows = train.values[first:end].astype(np.float64)
        total += np.abs(rows[period:] - rows[:-period]).sum(axis=0)
        count += max(0, len(rows) - period)
    return total * np.abs(scale) / count if count else np.full(total.shape, np.nan)


@dataclass(frozen=True)
class _Errors:
    """Means over the samples, each (horizon, targets) in the network's units, from which every metric is computed."""

    absolute: np.ndarray  # |y - f|
    squared: np.ndarray  # (y - f)^2
    relative: np.ndarray  # 200 |y - f| / (|y| + |f|), in original units
    level: np.ndarray  # y - m, where m is the target's mean, rounded
    level_squared: np.ndarray  # (y - m)^2

    def at(self, step: int) -> _Errors:
        """Return the errors of one horizon step alone, (1, targets)."""
        means = (self.absolute, self.squared, self.relative, self.level, self.level_squared)
        return _Errors(*(mean[step : step + 1] for mean in means))

    def metrics(self, units: Units) -> dict[str, float]:
        """Return the metrics of `columns.METRICS`, by name."""
        scale = np.abs(np.asarray(units.scale, np.float64))
        with np.errstate(all="ignore"):  # what is not defined becomes nan below
            spread = self.level_squared.mean(axis=0) - self.level.mean(axis=0) ** 2  # (targets,)
            mse = (self.squared * scale**2).mean()
            values = (
                (self.absolute * scale).mean(),
                mse,
                np.sqrt(mse),
                self.relative.mean(),
                (self.absolute.mean(axis=0) * scale / np.asarray(units.naive_mae)).mean(),
                (1 - self.squared.mean(axis=0) / spread).mean(),
                self.absolute.mean(),
                self.squared.mean(),
            )
        return {name: float(v) if np.isfinite(v) else np.nan for name, v in zip(METRICS, values, strict=True)}


def _errors(targets: np.ndarray, predictions: np.ndarray, units: Units) -> _Errors:
    """Return the errors of predictions (n, horizon, targets), summed up block by block to spare memory."""
    targets, predictions = np.asarray(targets), np.asarray(predictions)
    if targets.shape != predictions.shape or targets.ndim != 3:
        raise ValueError(f"targets {targets.shape} and predictions {predictions.shape} do not belong together")
    samples, horizon, columns = targets.shape
    scale, offset = (np.broadcast_to(np.asarray(part, np.float64), columns) for part in (units.scale, units.offset))
    block = max(1, BLOCK // max(1, horizon * columns))
    sums = np.zeros((5, horizon, columns))
    with np.errstate(all="ignore"):
        # Rounded to float32, so that values that are all equal differ from their mean by exactly 0.
        mean = targets.mean(axis=(0, 1), dtype=np.float64).astype(np.float32) if samples else np.zeros(columns)
        for first in range(0, samples, block):
            y = targets[first : first + block].astype(np.float64)
            f = predictions[first : first + block].astype(np.float64)
            sums += [part.sum(axis=0) for part in _parts(y, f, y - mean, scale, offset)]
        return _Errors(*sums / samples)


def _parts(
    y: np.ndarray, f: np.ndarray, level: np.ndarray, scale: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return what `_Errors` holds the means of, in its order: arrays (n, horizon, targets)."""
    error = np.abs(y - f)
    size = np.abs(y * scale + offset) + np.abs(f * scale + offset)
    relative = 200 * error * np.abs(scale) / np.where(size == 0, 1, size)
    return error, error**2, relative, level, level**2
