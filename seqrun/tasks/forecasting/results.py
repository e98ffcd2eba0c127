"""What a run keeps of a trained forecaster: metrics, baselines, intervals, plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Measured
from seqrun.components.outcome import Outcome
from seqrun.components.session import Session
from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.events.events import Message
from seqrun.tasks.forecasting.backtest import SHARED, backtested
from seqrun.tasks.forecasting.baselines import forecast_baselines, naive_forecasts
from seqrun.tasks.forecasting.columns import METRICS
from seqrun.tasks.forecasting.denominator import NAIVE_FILE, Denominator, series_names
from seqrun.tasks.forecasting.fit import FittedForecaster
from seqrun.tasks.forecasting.intervals import INTERVALS_FILE, Reach, intervals_json
from seqrun.tasks.forecasting.measuring import Interval, intervals_of, measured_forecasts
from seqrun.tasks.forecasting.metrics import forecast_metrics, metrics_by_step
from seqrun.tasks.forecasting.options import Forecasting
from seqrun.tasks.forecasting.statistical.baseline import statistical_baselines
from seqrun.tasks.forecasting.statistical.history import gap_rows
from seqrun.training.conformal import unbounded_warning
from seqrun.training.fitting import Evaluation
from seqrun.training.interval_options import Conformal
from seqrun.training.intervals import conformal_half_widths
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras


def measure_forecaster(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
) -> Outcome:
    """Return the outcome: metrics, baselines, intervals and figures of the test split, and a backtest if asked for."""
    fitted, period, test = trained.fitted, trained.period, splits.test
    tested = fitted.evaluate(test)
    session.emit(Message(f"fitting the baselines{f' (a season is {period} rows)' if period else ''}"))
    learn = splits.train.joined(splits.validation)
    own, doubts = statistical_baselines(settings.baselines, learn, test, gap_rows(splits), period, session)
    baselines = {**forecast_baselines(splits.train, test, period, splits.spec.target), **own}
    reach = calibrated(settings, splits, fitted.validation)
    interval = intervals_of(settings, model, splits.spec, test, tested.outputs, reach)
    rolled = settings.backtest
    folds = list(backtested(trainer, model, splits, trained, session, settings, rolled.folds)) if rolled else []
    measured = measured_forecasts(splits.spec, test, tested, trained.scores(test), interval, baselines)
    return _outcome(splits, trained, measured, baselines, reach, interval, folds, doubts)


def calibrated(settings: Forecasting, splits: Splits[Windows, SeriesTarget], validated: Evaluation) -> Reach | None:
    """Return how far the intervals reach by the errors on validation; None if the settings want no such intervals.

    Where series are scaled by themselves, the errors of all count alike: the widths are of scaled values.
    """
    if not isinstance(settings.intervals, Conformal):
        return None
    target, validation = splits.spec.target, splits.validation
    units, scaled = target.units_of(validation.sample_series), bool(target.series)
    actual, forecasts = validation.actual(), validated.outputs
    actual, forecasts = (units.scaled(actual), forecasts) if scaled else (actual, units.original(forecasts))
    level = settings.intervals.level
    return Reach(level, conformal_half_widths(actual, forecasts, level), scaled)


def _outcome(
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    measured: Measured,
    baselines: Mapping[str, np.ndarray],
    reach: Reach | None,
    interval: Interval | None,
    folds: list[dict[str, Any]],
    doubts: Sequence[str],
) -> Outcome:
    """Return all that a run keeps of the forecaster; the baselines' forecasts are in original units."""
    fitted, scores, targets = trained.fitted, trained.scores(splits.test), measured.predictions["targets"]
    denominator = Denominator(trained.period, trained.naive_mae, series_names(splits))
    return assembled(
        fitted,
        fitted.metrics(METRICS, measured.metrics),
        {name: forecast_metrics(targets, forecast, scores) for name, forecast in baselines.items()},
        measured,
        error="mae",
        artifacts={
            NAIVE_FILE: denominator.to_bytes(),
            **({} if interval is None else {INTERVALS_FILE: intervals_json(interval.level, reach)}),
        },
        details={
            **_details(splits, measured, trained, baselines),
            **({"backtest": folds, "backtest_shares": SHARED} if folds else {}),
        },
        warnings=[*doubts, *_unbounded(splits, reach), *_not_compared(splits.test, trained.naive_mae)],
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


def _unbounded(splits: Splits[Windows, SeriesTarget], reach: Reach | None) -> list[str]:
    """Return a warning of conformal intervals without bounds, of any number that is forecast."""
    if reach is None:
        return []
    fewest = int((~np.isnan(splits.validation.actual())).sum(axis=0).min())  # samples, of the number with the fewest
    told = unbounded_warning(reach.level, fewest)
    return [] if told is None else [told]


def _details(
    splits: Splits[Windows, SeriesTarget],
    measured: Measured,
    trained: FittedForecaster,
    baselines: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Return what else metrics.json holds: metrics by horizon step, and the naive baselines' metrics on validation."""
    scores, validated = trained.scores(splits.test), trained.scores(splits.validation)
    targets, naive = measured.predictions["targets"], naive_forecasts(splits.validation, trained.period)
    return {
        "period": trained.period,
        "by_step": {
            "test": measured.details["by_step"],
            "baselines": {name: metrics_by_step(targets, forecast, scores) for name, forecast in baselines.items()},
        },
        "validation_baselines": {
            name: forecast_metrics(splits.validation.actual(), forecast, validated) for name, forecast in naive.items()
        },
    }
