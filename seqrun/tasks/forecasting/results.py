"""What is kept of a trained forecaster: metrics, baselines, intervals, plots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Outcome, Trainer
from seqrun.components.session import Session
from seqrun.components.splits import Splits
from seqrun.events.events import Message
from seqrun.tasks.forecasting.backtest import backtested
from seqrun.tasks.forecasting.baselines import forecast_baselines, naive_forecasts
from seqrun.tasks.forecasting.fit import FittedForecaster
from seqrun.tasks.forecasting.forecasts import Forecasts, horizon_targets, inputs_in_batches, mc_forecasts
from seqrun.tasks.forecasting.intervals import interval_metrics_by_step
from seqrun.tasks.forecasting.metrics import METRICS, Units, forecast_metrics, metrics_by_step
from seqrun.tasks.forecasting.options import Forecasting, MCDropout
from seqrun.tasks.forecasting.plots import forecast_figures
from seqrun.training.fitting import Evaluation
from seqrun.training.intervals import conformal_half_widths, interval_metrics
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Interval:
    """The bounds, (samples, horizon, targets), within which `level` of the values should lie, in original units."""

    level: float
    lower: np.ndarray
    upper: np.ndarray
    half_widths: np.ndarray | None = None  # (horizon, targets), where they do not depend on the sample


def measure_forecaster(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits,
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
) -> Outcome:
    """Measure on the test split, compare with the baselines, and test anew at several points in time if asked."""
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
    splits: Splits,
    units: Units,
    validated: Evaluation,
    tested: Evaluation,
) -> Interval | None:
    """The bounds of the test forecasts, in original units."""
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
    splits: Splits,
    trained: FittedForecaster,
    tested: Evaluation,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
    folds: list[dict[str, Any]],
) -> Outcome:
    """Everything that is kept of a trained forecaster; `forecasts` are the baselines', in the network's units."""
    fitted, units = trained.fitted, trained.units
    test, known = splits.test, horizon_targets(splits.test)
    metrics = fitted.metrics(METRICS, tested)
    details = _details(splits, tested, units, trained.period, forecasts)
    targets, predictions = units.original(known), units.original(tested.outputs)
    saved = {"targets": targets, "predictions": predictions, "index": test.index}
    artifacts = {}
    if interval is not None:
        bounds = {"lower": interval.lower, "upper": interval.upper}
        metrics["test"] |= {"interval_level": interval.level, **interval_metrics(targets, **bounds)}
        details["by_step"]["test"] |= interval_metrics_by_step(targets, **bounds)
        saved |= bounds
        artifacts["intervals.json"] = intervals_json(interval)
    if folds:
        details["backtest"] = folds
    return assembled(
        fitted,
        metrics,
        {name: forecast_metrics(known, forecast, units) for name, forecast in forecasts.items()},
        error="mae",
        predictions=saved,
        figures=forecast_figures(
            test,
            splits.spec.target.names,
            units,
            predictions,
            {name: units.original(forecast) for name, forecast in forecasts.items()},
            None if interval is None else (interval.lower, interval.upper),
            None if interval is None else interval.level,
        ),
        artifacts=artifacts,
        details=details,
    )


def _details(
    splits: Splits, tested: Evaluation, units: Units, period: int | None, forecasts: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """What metrics.json holds beside the overall metrics: each horizon step's, and validation's naive baselines."""
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
    """`artifacts/intervals.json`: what a forecast of new data needs to know of its interval."""
    widths = None if interval.half_widths is None else interval.half_widths.tolist()
    return json.dumps({"level": interval.level, "half_widths": widths}).encode()
