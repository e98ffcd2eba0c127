"""What a trained forecaster is worth on any windows: metrics, intervals, plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Kept, Measured
from seqrun.components.splits import Spec, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.tasks.forecasting.baselines import naive_forecasts
from seqrun.tasks.forecasting.denominator import kept_denominator
from seqrun.tasks.forecasting.fit import forecasting_task
from seqrun.tasks.forecasting.forecasts import Forecasts, inputs_in_batches, mc_forecasts
from seqrun.tasks.forecasting.intervals import INTERVALS_FILE, KEPT, Reach, interval_metrics_by_step
from seqrun.tasks.forecasting.metrics import Scores, metrics_by_step
from seqrun.tasks.forecasting.options import Forecasting, MCDropout
from seqrun.tasks.forecasting.plots import forecast_figures
from seqrun.training.fitting import Evaluation, evaluated
from seqrun.training.intervals import interval_metrics

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Interval:
    """Bounds (samples, horizon, targets), in original units, between which `level` of the values should lie."""

    level: float
    lower: np.ndarray
    upper: np.ndarray

    @property
    def bounds(self) -> dict[str, np.ndarray]:
        """The bounds by name."""
        return {"lower": self.lower, "upper": self.upper}


def intervals_of(
    settings: Forecasting,
    model: keras.Model,
    spec: Spec[SeriesTarget],
    windows: Windows,
    outputs: np.ndarray,
    reach: Reach | None,
) -> Interval | None:
    """Return the intervals of a network's outputs (samples, horizon, targets) for these windows; None: it has none.

    They come from dropout if the settings say so, else from how far they reach by the errors on validation.
    """
    units = spec.target.units_of(windows.sample_series)
    if isinstance(settings.intervals, MCDropout):
        batches = inputs_in_batches(windows)
        _, lower, upper = mc_forecasts(Forecasts(model, spec), batches, settings.intervals, units)
        return Interval(settings.intervals.level, lower, upper)
    if reach is None:
        return None
    middle, half = units.original(outputs), reach.original(units)
    return Interval(reach.level, middle - half, middle + half)


def measured_forecasts(
    spec: Spec[SeriesTarget],
    windows: Windows,
    evaluation: Evaluation,
    scores: Scores,
    interval: Interval | None,
    baselines: Mapping[str, np.ndarray],
    warnings: tuple[str, ...] = (),
) -> Measured:
    """Return what forecasts are worth; those of the baselines, in original units, are drawn beside them."""
    targets, predictions = windows.actual(), scores.units.original(evaluation.outputs)
    metrics: dict[str, float] = dict(evaluation.metrics)
    by_step: dict[str, Any] = metrics_by_step(targets, predictions, scores)
    bounds = {} if interval is None else interval.bounds
    if interval is not None:
        metrics |= {"interval_level": interval.level, **interval_metrics(targets, **bounds)}
        by_step |= interval_metrics_by_step(targets, **bounds)
    return Measured(
        metrics,
        {"targets": targets, "predictions": predictions, "index": windows.index, **bounds},
        forecast_figures(
            windows,
            spec.target.names,
            predictions,
            baselines,
            None if interval is None else (interval.lower, interval.upper),
            None if interval is None else interval.level,
        ),
        {"by_step": by_step},
        warnings=warnings,
    )


def evaluate_forecaster(
    trainer: Trainer, model: keras.Model, windows: Windows, kept: Kept[Windows, SeriesTarget], settings: Forecasting
) -> Measured:
    """Return what a trained network is worth on any windows, with the intervals that validation asked for."""
    spec, known = kept.spec, kept.artifact(INTERVALS_FILE, KEPT)
    denominator = kept_denominator(kept, settings, windows)
    found = evaluated(trainer, model, forecasting_task(settings, spec, denominator.naive_mae), windows, kept.splits)
    reach = None if known is None or known["half_widths"] is None else Reach.kept(known)
    return measured_forecasts(
        spec,
        windows,
        found,
        Scores.of(spec.target, denominator.naive_mae, windows),
        intervals_of(settings, model, spec, windows, found.outputs, reach),
        naive_forecasts(windows, denominator.period),
        denominator.warnings,
    )
