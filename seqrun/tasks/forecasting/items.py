"""The metrics of a forecaster as they come from single windows, and which windows depend on each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from seqrun.components.targets import SeriesTarget
from seqrun.components.units import squarable_columns
from seqrun.inference.kept import KeptPredictions
from seqrun.rundir.shapes import count, fields
from seqrun.running.sample_facts import SERIES, TIMES
from seqrun.tasks.forecasting.columns import METRICS
from seqrun.tasks.forecasting.denominator import read_denominator
from seqrun.tasks.forecasting.metrics import metrics_of_sums, single_errors
from seqrun.tasks.items import Items, Losses, Measure, Order, Sums

LOSSES = {  # the metrics that are means of losses
    "mae": "absolute",
    "mse": "squared",
    "rmse": "squared",
    "smape": "relative",
    "scaled_mae": "scaled",
    "scaled_mse": "scaled_squared",
}
FRAMING = fields({"framing": fields({"delay": count, "stride": count})})


def items(kept: KeptPredictions) -> Items:
    """Return the metrics of the forecasts of the test split, by window."""
    return _items(kept, kept.arrays["targets"])


def _items(kept: KeptPredictions, targets: np.ndarray) -> Items:
    """Return the metrics of these targets, (samples, horizon, targets): nan are those that are not measured."""
    errors, unit, with_naive = _errors(kept, targets)
    measures: dict[str, Callable[[], Measure]] = {name: partial(_mean, name, errors, unit) for name in LOSSES}
    for name in [name for name in METRICS if name not in LOSSES and (with_naive or name != "mase")]:
        measures[name] = partial(_whole, name, targets, errors, unit)
    return Items(
        kept.rows,
        targets,
        measures,
        _order(kept),
        facts={**_series(kept), **({TIMES: kept.arrays[TIMES]} if TIMES in kept.arrays else {})},
        steps=targets.shape[1],
        only=lambda chosen: _items(kept, np.where(chosen[:, :, None], targets, np.nan)),
    )


def _series(kept: KeptPredictions) -> dict[str, np.ndarray]:
    """Return the name of each window's series, (samples,), if the file has several."""
    numbers, known = kept.arrays.get(SERIES), read_denominator(kept)
    if numbers is None or known is None or not known.series:
        return {}
    return {SERIES: np.array(known.series, object)[numbers]}


def _errors(kept: KeptPredictions, targets: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray, bool]:
    """Return what each value adds to the sums, the unit of squares, and whether mase's denominator is known."""
    target, series = kept.spec.of(SeriesTarget).target, kept.arrays.get(SERIES)
    targets, forecasts = targets.astype(np.float64), kept.arrays["predictions"].astype(np.float64)
    known = read_denominator(kept)
    naive = np.full(len(target.names), np.nan)
    if known is not None and (known.naive_mae.ndim == 1 or series is not None):
        naive = known.naive_mae if known.naive_mae.ndim == 1 else known.naive_mae[series][:, None]
    scale = target.units_of(series).scale if series is not None or not target.series else np.array(np.nan)
    unit = squarable_columns(targets)
    with np.errstate(all="ignore"):  # what is not known is nan
        return single_errors(targets, forecasts, scale, naive, unit), unit, not np.isnan(naive).all()


def _mean(name: str, errors: dict[str, np.ndarray], unit: np.ndarray) -> Losses:
    losses = errors[LOSSES[name]]
    if LOSSES[name] == "squared":
        losses = losses * unit**2
    return Losses(losses.sum(axis=2), errors["count"].sum(axis=2), name == "rmse")


def _whole(name: str, targets: np.ndarray, errors: dict[str, np.ndarray], unit: np.ndarray) -> Sums:
    """Return a metric of the sums over all steps of each target: r2, mase."""
    known = ~np.isnan(targets)
    middle = np.nanmedian(targets, axis=(0, 1))  # of a constant target exactly its value
    away = np.where(known, targets - middle, 0.0) / unit
    columns = {**errors, "away": away, "away_squared": away**2}
    parts = np.concatenate([part.sum(axis=1, dtype=np.float64) for part in columns.values()], axis=1)

    def of(sums: np.ndarray) -> float:
        found: dict[str, Any] = dict(zip(columns, sums.reshape(len(columns), 1, -1), strict=True))  # (1, targets)
        return metrics_of_sums(found, unit, middle)[name]

    return Sums(parts, of)


def _order(kept: KeptPredictions) -> Order:
    """Return which windows forecast common rows: those in one stretch of a series, as many apart as a horizon."""
    framing = kept.artifact("series.json", FRAMING)
    told = framing["framing"] if framing else {"delay": 0, "stride": 1}
    delay, stride, horizon = told["delay"], max(1, told["stride"]), kept.arrays["targets"].shape[1]
    steps = tuple(-(-(delay + step) // stride) for step in range(horizon))  # windows that share a row with the next
    order = np.argsort(kept.rows, kind="stable")
    new = np.diff(kept.rows[order], prepend=kept.rows[order][:1]) > stride
    series = kept.arrays.get(SERIES)
    if series is not None:
        new |= np.diff(series[order], prepend=series[order][:1]) != 0
    segments = np.empty(len(order), np.int64)
    segments[order] = np.cumsum(new)
    if np.bincount(segments).max() == 1:  # one window of each series, or none near another
        steps = (0,) * horizon
    return Order(segments, steps[-1], steps)
