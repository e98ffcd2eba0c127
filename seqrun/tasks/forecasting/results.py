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
from seqrun.tasks.forecasting.backtest import SHARED, backtested
from seqrun.tasks.forecasting.baselines import forecast_baselines, naive_forecasts
from seqrun.tasks.forecasting.columns import METRICS
from seqrun.tasks.forecasting.fit import FittedForecaster
from seqrun.tasks.forecasting.forecasts import Forecasts, inputs_in_batches, mc_forecasts
from seqrun.tasks.forecasting.intervals import interval_metrics_by_step
from seqrun.tasks.forecasting.metrics import forecast_metrics, metrics_by_step
from seqrun.tasks.forecasting.options import Forecasting, MCDropout
from seqrun.tasks.forecasting.plots import forecast_figures
from seqrun.training.conformal import unbounded_warning
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
    scaled: bool = False  # whether the half widths are in the network's units, of which each series has its own


def measure_forecaster(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
) -> Outcome:
    """Return the outcome: metrics, baselines, intervals and figures of the test split, and a backtest if asked for."""
    fitted, period = trained.fitted, trained.period
    tested = fitted.evaluate(splits.test)
    session.emit(Message(f"fitting the baselines{f' (a season is {period} rows)' if period else ''}"))
    forecasts = forecast_baselines(splits.train, splits.test, period, splits.spec.target)
    interval = prediction_interval(settings, model, splits, fitted.validation, tested)
    rolled = settings.backtest
    folds = list(backtested(trainer, model, splits, trained, session, settings, rolled.folds)) if rolled else []
    return _outcome(splits, trained, tested, forecasts, interval, folds)


def prediction_interval(
    settings: Forecasting,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    validated: Evaluation,
    tested: Evaluation,
) -> Interval | None:
    """Return the prediction intervals of the test forecasts, or None if the settings want none.

    Where series are scaled by themselves, the errors of all count alike: the widths are of scaled values.
    """
    if settings.intervals is None:
        return None
    level, target = settings.intervals.level, splits.spec.target
    known, units = (target.units_of(split.sample_series) for split in (splits.validation, splits.test))
    if isinstance(settings.intervals, MCDropout):
        batches = inputs_in_batches(splits.test)
        _, lower, upper = mc_forecasts(Forecasts(model, splits.spec), batches, settings.intervals, units)
        return Interval(level, lower, upper)
    actual, forecasts, scaled = splits.validation.actual(), validated.outputs, bool(target.series)
    actual, forecasts = (known.scaled(actual), forecasts) if scaled else (actual, known.original(forecasts))
    half_widths = conformal_half_widths(actual, forecasts, level)
    reach = half_widths * np.abs(units.scale) if scaled else half_widths
    test = units.original(tested.outputs)
    return Interval(level, test - reach, test + reach, half_widths, scaled)


def _outcome(
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    tested: Evaluation,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
    folds: list[dict[str, Any]],
) -> Outcome:
    """Return all that a run keeps of the forecaster; `forecasts` are the baselines', in original units."""
    fitted, test, scores = trained.fitted, splits.test, trained.scores(splits.test)
    metrics = fitted.metrics(METRICS, tested)
    targets, predictions = test.actual(), scores.units.original(tested.outputs)
    details = _details(splits, targets, predictions, trained, forecasts)
    saved = {"targets": targets, "predictions": predictions, "index": test.index}
    if interval is not None:
        bounds = {"lower": interval.lower, "upper": interval.upper}
        metrics["test"] |= {"interval_level": interval.level, **interval_metrics(targets, **bounds)}
        details["by_step"]["test"] |= interval_metrics_by_step(targets, **bounds)
        saved |= bounds
    if folds:
        details |= {"backtest": folds, "backtest_shares": SHARED}
    return assembled(
        fitted,
        metrics,
        {name: forecast_metrics(targets, forecast, scores) for name, forecast in forecasts.items()},
        error="mae",
        predictions=saved,
        figures=_figures(splits, predictions, forecasts, interval),
        artifacts={} if interval is None else {"intervals.json": intervals_json(interval)},
        details=details,
        warnings=[*_unbounded(splits, interval), *_not_compared(splits.test, trained.naive_mae)],
    )


def _not_compared(test: Windows, naive: np.ndarray) -> list[str]:
    """Return a warning of test series whose errors do not count in mase; `naive` is its denominator."""
    if test.sample_series is None:
        return []
    there = np.unique(test.sample_series)
    without = int((~(naive[there] > 0)).any(axis=1).sum())  # nan is not above 0
    if not without:
        return []
    return [
        f"mase leaves out {without:,} of {len(there):,} series in the test split, whose training "
        "rows are constant, or too few for a season"
    ]


def _unbounded(splits: Splits[Windows, SeriesTarget], interval: Interval | None) -> list[str]:
    """Return a warning of conformal intervals without bounds, of any number that is forecast."""
    if interval is None or interval.half_widths is None:
        return []
    fewest = int((~np.isnan(splits.validation.actual())).sum(axis=0).min())  # samples, of the number with the fewest
    told = unbounded_warning(interval.level, fewest)
    return [] if told is None else [told]


def _figures(
    splits: Splits[Windows, SeriesTarget],
    predictions: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
) -> dict[str, Figure]:
    """Return the figures of the predictions and of the baselines' forecasts."""
    return forecast_figures(
        splits.test,
        splits.spec.target.names,
        predictions,
        forecasts,
        None if interval is None else (interval.lower, interval.upper),
        None if interval is None else interval.level,
    )


def _details(
    splits: Splits[Windows, SeriesTarget],
    targets: np.ndarray,
    predictions: np.ndarray,
    trained: FittedForecaster,
    forecasts: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Return what else metrics.json holds: metrics by horizon step, and the naive baselines' metrics on validation."""
    scores, validated = trained.scores(splits.test), trained.scores(splits.validation)
    naive = naive_forecasts(splits.validation, trained.period)
    return {
        "period": trained.period,
        "by_step": {
            "test": metrics_by_step(targets, predictions, scores),
            "baselines": {name: metrics_by_step(targets, forecast, scores) for name, forecast in forecasts.items()},
        },
        "validation_baselines": {
            name: forecast_metrics(splits.validation.actual(), forecast, validated) for name, forecast in naive.items()
        },
    }


def intervals_json(interval: Interval) -> bytes:
    """Return the content of `artifacts/intervals.json`: what the intervals of new forecasts are made from."""
    widths = None if interval.half_widths is None else interval.half_widths.tolist()
    content = {"level": interval.level, "half_widths": widths}
    return json.dumps({**content, "scaled": True} if interval.scaled else content).encode()
