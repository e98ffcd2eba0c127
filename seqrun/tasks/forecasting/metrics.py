"""The errors of forecasts: in original units and in the network's, overall and by horizon step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from seqrun.components.units import Units, squarable_columns
from seqrun.tasks.forecasting.columns import METRICS

if TYPE_CHECKING:
    from seqrun.components.splits import Windows
    from seqrun.components.targets import SeriesTarget

BLOCK = 2**15  # values worked on at once: few enough to stay in the processor's cache

# Targets and forecasts (n, horizon, targets); what their errors are divided by: scale and mase's denominator; and the
# unit (targets,) in which they are squared.
_Block = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Scores:
    """What the errors of forecasts are divided by."""

    units: Units  # of the forecasts' samples: `scaled_mae` and `scaled_mse` are in the network's
    naive_mae: np.ndarray  # (targets,), or (samples, 1, targets) of each sample's series; see the function `naive_mae`

    @classmethod
    def of(cls, target: SeriesTarget, naive: np.ndarray, windows: Windows) -> Self:
        """Return those of the windows' forecasts; `naive` is mase's denominator, as `naive_mae` returns it."""
        series = windows.sample_series
        if naive.ndim == 1:
            return cls(target.units_of(series), naive)
        if series is None:
            raise ValueError("each series has a denominator of its own: it must be said of which these samples are")
        return cls(target.units_of(series), naive[series][:, None])

    def naive_at(self, samples: slice) -> np.ndarray:
        """Return mase's denominator of these samples."""
        return self.naive_mae[samples] if self.naive_mae.ndim == 3 else self.naive_mae


def forecast_metrics(targets: np.ndarray, predictions: np.ndarray, scores: Scores) -> dict[str, float]:
    """Return the metrics of `columns.METRICS`; takes arrays (n, horizon, targets) in original units.

    y is a target's value and f its forecast; means are over all samples, horizon steps and targets whose y is known,
    that is, not nan. In original units:

    - mae = mean |y - f|; mse = mean (y - f)^2; rmse = sqrt(mse).
    - smape = mean of 200 |y - f| / (|y| + |f|), in percent, 0 to 200; 0 where y and f are both 0 (Makridakis et al.,
      2020, "The M4 Competition", section 2.3.1).
    - mase = mean |y - f| / naive_mae of each target, averaged over the targets. naive_mae is the error on the training
      rows of the seasonal naive forecast if there is a season, else of the last value. Where a file names its series,
      each error is divided by that of its own series, whatever the level of the others, and errors of series without
      one (constant, or too short in training) do not count (Hyndman and Koehler, 2006, "Another look at measures of
      forecast accuracy", section 3).
    - r2 = 1 - sum (y - f)^2 / sum (y - mean y)^2 of each target, over its samples and steps, averaged over the targets:
      scikit-learn's r2_score of arrays (n * horizon, targets).

    scaled_mae and scaled_mse are mae and mse in the network's units. What is not defined is nan: every metric if there
    are no samples or forecasts are not finite, r2 if a target is constant, mase if a naive forecast has no error, mse
    if float64 cannot hold it (of values near 1e300, whose other metrics are right). Computes in float64. Raises
    ValueError if the arrays differ in shape or are not of three dimensions.
    """
    return _errors(_blocks(targets, predictions, scores)).metrics()


def metrics_by_step(targets: np.ndarray, predictions: np.ndarray, scores: Scores) -> dict[str, list[float]]:
    """Return each metric of `forecast_metrics` for each horizon step alone, as lists (horizon,)."""
    errors = _errors(_blocks(targets, predictions, scores))
    steps = [errors.at(step).metrics() for step in range(errors.count.shape[0])]
    return {name: [step[name] for step in steps] for name in METRICS}


def output_metrics(windows: Windows, outputs: np.ndarray, scores: Scores) -> dict[str, float]:
    """Return `forecast_metrics` of a network's outputs (n, horizon, targets), in its units, for these windows."""
    return _errors(_output_blocks(windows, outputs, scores)).metrics()


def naive_mae(train: Windows, period: int = 1) -> np.ndarray:
    """Return mean |value - value a period before| over the training rows, mase's denominator: (targets,).

    If series are told apart by their numbers, it is that of each series by itself, (series, targets). With a period of
    1 it is the error of the last value. Both rows of a difference lie in one segment, so none spans two series, and
    both values are in the file. nan if there are no such rows. Source: Hyndman and Koehler, 2006.
    """
    series = 1 if train.series is None else int(train.series.max()) + 1
    total, count = np.zeros((series, train.values.shape[1])), np.zeros((series, train.values.shape[1]), np.int64)
    for first, end in train.segments:
        rows = train.values[first:end].astype(np.float64, copy=False)
        differences = np.abs(rows[period:] - rows[:-period])
        seen = np.ones(rows.shape, bool) if train.observed is None else train.observed[first:end]
        both = seen[period:] & seen[:-period]
        own = 0 if train.series is None or first == end else train.series[first]
        total[own] += differences.sum(axis=0, where=both)
        count[own] += both.sum(axis=0)
    found = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return found[0] if train.series is None else found


# --- sums -------------------------------------------------------------------------------------------------------------

SUMS = ("count", "absolute", "squared", "relative", "scaled", "scaled_squared", "spread", "against", "compared")


@dataclass(frozen=True)
class _Errors:
    """Sums over the samples whose target is known, each (horizon, targets), from which every metric is computed."""

    count: np.ndarray
    absolute: np.ndarray  # of |y - f|
    squared: np.ndarray  # of (y - f)^2, in squares of `unit`
    relative: np.ndarray  # of 200 |y - f| / (|y| + |f|)
    scaled: np.ndarray  # of |y - f| in the network's units
    scaled_squared: np.ndarray
    spread: np.ndarray  # of (y - mean y)^2, in squares of `unit`
    against: np.ndarray  # of |y - f| / naive_mae
    compared: np.ndarray  # of 1, of those with a naive_mae
    unit: np.ndarray  # see `squarable`: no sum, as are those below
    mean: np.ndarray  # of y
    lowest: np.ndarray  # y
    highest: np.ndarray  # y

    def joined(self, other: _Errors) -> _Errors:
        """Return the sums over the samples of both (mean and spread after Chan, Golub and LeVeque, 1983)."""
        share = other.count / np.maximum(self.count + other.count, 1)
        apart = other.mean - self.mean
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMS}
        sums["spread"] += (apart / self.unit) ** 2 * self.count * share
        mean, lowest = self.mean + apart * share, np.minimum(self.lowest, other.lowest)
        highest = np.maximum(self.highest, other.highest)
        return _Errors(**sums, unit=self.unit, mean=mean, lowest=lowest, highest=highest)

    def at(self, step: int) -> _Errors:
        """Return the errors of one horizon step alone, (1, targets)."""
        return _Errors(**{name: getattr(self, name)[step : step + 1] for name in self.__dataclass_fields__})

    def metrics(self) -> dict[str, float]:
        """Return the metrics of `columns.METRICS`, by name."""
        with np.errstate(all="ignore"):  # what is not defined becomes nan below
            every, count = self.count.sum(), self.count.sum(axis=0)  # (targets,)
            mean = (self.count * self.mean).sum(axis=0) / count
            apart = (self.mean - mean) / self.unit
            spread = self.spread.sum(axis=0) + (self.count * apart**2).sum(axis=0)
            spread[self.lowest.min(axis=0) == self.highest.max(axis=0)] = 0  # but for rounding
            unit = self.unit.max()
            mse = (self.squared * (self.unit / unit) ** 2).sum() / every  # in squares of the unit
            values = (
                self.absolute.sum() / every,
                unit * (unit * mse),
                unit * np.sqrt(mse),
                self.relative.sum() / every,
                (self.against.sum(axis=0) / self.compared.sum(axis=0)).mean(),
                (1 - self.squared.sum(axis=0) / spread).mean(),
                self.scaled.sum() / every,
                self.scaled_squared.sum() / every,
            )
        return {name: float(v) if np.isfinite(v) else np.nan for name, v in zip(METRICS, values, strict=True)}


def metrics_of_sums(sums: Mapping[str, np.ndarray], unit: np.ndarray, middle: np.ndarray) -> dict[str, float]:
    """Return the metrics of `columns.METRICS` from the sums of `single_errors` over samples and steps, (1, targets).

    `away` and `away_squared` are those of (y - middle) / unit and of its square, `middle` being any number of each
    target that is near its mean, (targets,).
    """
    with np.errstate(all="ignore"):
        mean = sums["away"] / sums["count"]
        spread = np.maximum(sums["away_squared"] - sums["away"] * mean, 0.0)
    named = {name: sums[name] for name in SUMS if name != "spread"}
    ends = np.zeros_like(mean), np.where(spread > 0, 1.0, 0.0)  # apart, unless the target is constant
    errors = _Errors(
        **named,
        spread=spread,
        unit=np.broadcast_to(unit, mean.shape),
        mean=middle + unit * mean,
        lowest=ends[0],
        highest=ends[1],
    )
    return errors.metrics()


def _errors(blocks: Iterable[_Block]) -> _Errors:
    """Return the errors of all blocks, one after the other to spare memory."""
    with np.errstate(all="ignore"):
        whole, *rest = (_block_errors(*block) for block in blocks)
        for errors in rest:
            whole = whole.joined(errors)
    return whole


def _blocks(targets: np.ndarray, predictions: np.ndarray, scores: Scores) -> Iterator[_Block]:
    """Yield blocks of arrays (n, horizon, targets), one at least."""
    targets, predictions = np.asarray(targets), np.asarray(predictions)
    if targets.shape != predictions.shape or targets.ndim != 3:
        raise ValueError(f"targets {targets.shape} and predictions {predictions.shape} do not belong together")
    unit = squarable_columns(targets.astype(np.float64, copy=False))
    for part in _parts(targets.shape):
        y, f = targets[part].astype(np.float64), predictions[part].astype(np.float64)
        yield y, f, scores.units.at(part).scale, scores.naive_at(part), unit


def _output_blocks(windows: Windows, outputs: np.ndarray, scores: Scores) -> Iterator[_Block]:
    """Yield blocks of the windows' values and of the network's outputs for them, in original units."""
    unit = squarable_columns(windows.values)
    for part in _parts(outputs.shape):
        own = scores.units.at(part)
        yield windows.taken(part).actual(), own.original(outputs[part]), own.scale, scores.naive_at(part), unit


def _parts(shape: tuple[int, ...]) -> Iterator[slice]:
    samples, horizon, targets = shape
    block = max(1, BLOCK // max(1, horizon * targets))
    for first in range(0, max(1, samples), block):
        yield slice(first, first + block)


def _block_errors(y: np.ndarray, f: np.ndarray, scale: np.ndarray, naive: np.ndarray, unit: np.ndarray) -> _Errors:
    """Return the errors of forecasts f of y, (n, horizon, targets); they are squared in a unit (targets,)."""
    known = ~np.isnan(y)
    count = known.sum(axis=0)
    lowest = np.min(y, axis=0, initial=np.inf, where=known)
    highest = np.max(y, axis=0, initial=-np.inf, where=known)
    above = np.where(known, y - lowest, 0.0)  # small numbers, whose sums lose nothing
    mean = np.where(count, lowest, 0.0) + above.sum(axis=0) / np.maximum(count, 1)
    spread = (np.where(known, y - mean, 0.0) / unit) ** 2
    parts = {**single_errors(y, f, scale, naive, unit), "spread": spread}
    sums = {name: part.sum(axis=0) for name, part in parts.items()}
    return _Errors(**sums, unit=np.broadcast_to(unit, count.shape), mean=mean, lowest=lowest, highest=highest)


def single_errors(
    y: np.ndarray, f: np.ndarray, scale: np.ndarray, naive: np.ndarray, unit: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what each value adds to the SUMS, by name and without `spread`: (n, horizon, targets) each.

    Takes forecasts f of y, what their errors are divided by, and the unit (targets,) in which they are squared.
    """
    known = ~np.isnan(y)
    error = np.where(known, np.abs(y - f), 0.0)
    size = np.abs(y) + np.abs(f)
    scaled = error / np.abs(scale)
    comparable = known & (naive > 0)  # nan is not
    return {
        "count": known,
        "absolute": error,
        "squared": (error / unit) ** 2,
        "relative": np.where(error == 0, 0.0, 200 * error / size),
        "scaled": scaled,
        "scaled_squared": scaled**2,
        "against": np.where(comparable, error / naive, 0.0),
        "compared": comparable,
    }
