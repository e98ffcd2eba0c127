"""What is kept of a trained forecaster: metrics, baselines, intervals, plots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.components.base import Outcome
from seqrun.components.splits import Splits
from seqrun.tasks.forecasting.baselines import naive_forecasts
from seqrun.tasks.forecasting.forecasts import horizon_targets
from seqrun.tasks.forecasting.intervals import interval_metrics, interval_metrics_by_step
from seqrun.tasks.forecasting.metrics import METRICS, Units, forecast_metrics, metrics_by_step
from seqrun.tasks.forecasting.plots import forecast_figures
from seqrun.training.fitting import Fitted
from seqrun.training.history_plots import history_figures
from seqrun.training.skill import losing_warning, skill


@dataclass(frozen=True)
class Interval:
    """The bounds, (samples, horizon, targets), within which `level` of the values should lie, in original units."""

    level: float
    lower: np.ndarray
    upper: np.ndarray
    half_widths: np.ndarray | None = None  # (horizon, targets), where they do not depend on the sample


def forecast_outcome(
    splits: Splits,
    fitted: Fitted,
    units: Units,
    period: int | None,
    forecasts: Mapping[str, np.ndarray],
    interval: Interval | None,
    folds: list[dict[str, Any]],
) -> Outcome:
    """Everything that is kept of a trained forecaster; `forecasts` are the baselines', in the network's units."""
    test, known = splits.test, horizon_targets(splits.test)
    metrics = fitted.metrics(METRICS)
    baselines = {name: forecast_metrics(known, forecast, units) for name, forecast in forecasts.items()}
    details = _details(splits, fitted, units, period, forecasts)
    targets, predictions = units.original(known), units.original(fitted.test.outputs)
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
    figures = forecast_figures(
        test,
        splits.spec.target.names,
        units,
        predictions,
        {name: units.original(forecast) for name, forecast in forecasts.items()},
        None if interval is None else (interval.lower, interval.upper),
        None if interval is None else interval.level,
    )
    loses = losing_warning(metrics["test"], baselines, error="mae")
    return Outcome(
        best_epoch=fitted.best_epoch,
        metrics=metrics,
        baselines=baselines,
        skill=skill(metrics["test"], baselines, error="mae"),
        predictions=saved,
        figures={**history_figures(fitted.history, fitted.best_epoch), **figures},
        artifacts=artifacts,
        details=details,
        warnings=(loses,) if loses else (),
    )


def _details(
    splits: Splits, fitted: Fitted, units: Units, period: int | None, forecasts: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """What metrics.json holds beside the overall metrics: each horizon step's, and validation's naive baselines."""
    known, validated = horizon_targets(splits.test), horizon_targets(splits.validation)
    return {
        "period": period,
        "by_step": {
            "test": metrics_by_step(known, fitted.test.outputs, units),
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
