"""What a run keeps of a trained forecaster: metrics, baselines, intervals, plots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Outcome, Trainer
from seqrun.components.session import Session
from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.events.events import Message
from seqrun.tasks.forecasting.backtest import backtested
from seqrun.tasks.forecasting.baselines import forecast_baselines, naive_forecasts
from seqrun.tasks.forecasting.columns import METRICS
from seqrun.tasks.forecasting.fit import FittedForecaster
from seqrun.tasks.forecasting.forecasts import Forecasts, horizon_targets, inputs_in_batches, mc_forecasts
from seqrun.tasks.forecasting.intervals import interval_metrics_by_step
from seqrun.tasks.forecasting.metrics import Units, forecast_metrics, metrics_by_step
from seqrun.tasks.forecasting.options import Forecasting, MCDropout
from seqrun.tasks.forecasting.plots import forecast_figures
from seqrun.training.fitting import Evaluation
from seqrun.training.intervals import conformal_half_widths, interval_metrics
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Interval:
    """Bounds (samples, horizon, targets), in original units, between which `level` of the values should lie."""

    level: float
    lower: np.ndarray
    upper: np.ndarray
    half_widths: np.ndarray | None = None  # (horizon, targets) if all samples have the same, else None


def measure_forecaster(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
) -> Outcome:
    """Return the outcome: metrics, baselines, intervals and figures of the test split, and a backtest if asked for."""
    fitted, units, period = trained.fitted, trained.units, trained.period
    tested = fitted.evaluate(splits.test)
    session.emit(Message(f"fitting the baselines{f' (a season is {period} rows)' if period else ''}"))
    forecasts = forecast_baselines(splits.train, splits.test, period)
    interval = prediction_interval(settings, model, splits, units, fitted.validation, tested)
    folds = list(backtested(trainer, model, splits, trained, session, settings.backtest)) if settings.backtest else []
    return _outcome(splits, trained, tested, forecasts, interval, folds)


def prediction_interval(
    settings: Forecasting,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    units: Units,
    validated: Evaluation,
    tested: Evaluation,
) -> Interval | None:
    """Return the prediction intervals of the test forecasts, or None if the settings want none."""
    if settings.intervals is None:
        return None
    if isinstance(settings.intervals, MCDropout):
        batches = inputs_in_batches(splits.test)
        _, lower, upper = mc_forecasts(Forecasts(model, splits.spec), batches, settings.intervals, units.original)
        return Interval(settings.intervals.level, lower, upper)
    known, test = units.original(horizon_targets(splits.validation)), units.original(tested.outputs)
    half_widths = conformal_half_widths(known, units.original(validated.outputs), settings.intervals.level)
    return Interval(settings.intervals.level, test - half_widths, test + half_widths, half_widths)


def _outcome(
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    tested: Evaluation,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
    folds: list[dict[str, Any]],
) -> Outcome:
    """Return all that a run keeps of the forecaster; `forecasts` are the baselines', in the network's units."""
    fitted, units = trained.fitted, trained.units
    test, known = splits.test, horizon_targets(splits.test)
    metrics = fitted.metrics(METRICS, tested)
    details = _details(splits, tested, units, trained.period, forecasts)
    targets, predictions = units.original(known), units.original(tested.outputs)
    saved = {"targets": targets, "predictions": predictions, "index": test.index}
    if interval is not None:
        bounds = {"lower": interval.lower, "upper": interval.upper}
        metrics["test"] |= {"interval_level": interval.level, **interval_metrics(targets, **bounds)}
        details["by_step"]["test"] |= interval_metrics_by_step(targets, **bounds)
        saved |= bounds
    if folds:
        details["backtest"] = folds
    return assembled(
        fitted,
        metrics,
        {name: forecast_metrics(known, forecast, units) for name, forecast in forecasts.items()},
        error="mae",
        predictions=saved,
        figures=_figures(splits, units, predictions, forecasts, interval),
        artifacts={} if interval is None else {"intervals.json": intervals_json(interval)},
        details=details,
    )


def _figures(
    splits: Splits[Windows, SeriesTarget],
    units: Units,
    predictions: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
) -> dict[str, Figure]:
    """Return the figures of the predictions, which are in original units, and of the baselines' forecasts."""
    return forecast_figures(
        splits.test,
        splits.spec.target.names,
        units,
        predictions,
        {name: units.original(forecast) for name, forecast in forecasts.items()},
        None if interval is None else (interval.lower, interval.upper),
        None if interval is None else interval.level,
    )


def _details(
    splits: Splits[Windows, SeriesTarget],
    tested: Evaluation,
    units: Units,
    period: int | None,
    forecasts: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Return what else metrics.json holds: metrics by horizon step, and the naive baselines' metrics on validation."""
    known, validated = horizon_targets(splits.test), horizon_targets(splits.validation)
    return {
        "period": period,
        "by_step": {
            "test": metrics_by_step(known, tested.outputs, units),
            "baselines": {name: metrics_by_step(known, forecast, units) for name, forecast in forecasts.items()},
        },
        "validation_baselines": {
            name: forecast_metrics(validated, forecast, units)
            for name, forecast in naive_forecasts(splits.validation, period).items()
        },
    }


def intervals_json(interval: Interval) -> bytes:
    """Return the content of `artifacts/intervals.json`: what the intervals of new forecasts are made from."""
    widths = None if interval.half_widths is None else interval.half_widths.tolist()
    return json.dumps({"level": interval.level, "half_widths": widths}).encode()
