"""What is kept of a trained regressor: metrics, baselines, intervals, plots, examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Kept, Measured
from seqrun.components.outcome import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import NumbersTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.regression.baselines import regression_baselines
from seqrun.tasks.regression.columns import METRICS
from seqrun.tasks.regression.examples import regression_examples
from seqrun.tasks.regression.fit import regression_task
from seqrun.tasks.regression.intervals import INTERVALS_FILE, KEPT, Interval
from seqrun.tasks.regression.metrics import metrics_by_target, regression_metrics
from seqrun.tasks.regression.plots import regression_figures
from seqrun.training.conformal import unbounded_warning
from seqrun.training.fitting import Evaluation, Fitted, evaluated
from seqrun.training.interval_options import Conformal
from seqrun.training.intervals import conformal_half_widths, coverage, interval_metrics, width
from seqrun.training.losses import NumberLoss
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


def measure_regressor(
    splits: Splits[Split, NumbersTarget], fitted: Fitted[Split], session: Session, intervals: Conformal | None
) -> Outcome:
    """Measure on the test split, and compare with the baselines."""
    target, test = splits.spec.target, splits.test
    interval = None if intervals is None else _calibrated(splits, fitted, intervals.level)
    measured = measured_numbers(target, test, fitted.evaluate(test), interval)
    predictions = measured.predictions["predictions"]
    session.emit(Message("fitting the baselines"))
    baselines = regression_baselines(splits)
    metrics = fitted.metrics(METRICS, measured.metrics)
    if (unseen := splits.unseen) is not None:
        metrics[WITHOUT_SEEN] = regression_metrics(test.targets[unseen], predictions[unseen])
    return assembled(
        fitted,
        metrics,
        {name: regression_metrics(test.targets, predicted) for name, predicted in baselines.items()},
        measured,
        error="mae",
        artifacts=_artifacts(splits, predictions, interval),
        details=_with_baselines(measured, splits, baselines),
        warnings=[*_warnings(splits, intervals)],
    )


def measured_numbers(target: NumbersTarget, split: Split, evaluated: Evaluation, interval: Interval | None) -> Measured:
    """Return what a network's numbers are worth on a split, with its intervals, if it has any."""
    predictions = target.original(evaluated.outputs)  # (samples, targets)
    bounds = {} if interval is None else interval.bounds(predictions)
    metrics = dict(evaluated.metrics)
    if interval is not None:
        metrics |= {"interval_level": interval.level, **interval_metrics(split.targets, **bounds)}
    return Measured(
        metrics,
        {"targets": split.targets, "predictions": predictions, "index": split.index, **bounds},
        regression_figures(split.targets, predictions, target.names, interval),
        _of_targets(target.names, split.targets, predictions, bounds),
    )


def evaluate_regressor(
    trainer: Trainer, model: keras.Model, split: Split, kept: Kept[Split, NumbersTarget], loss: NumberLoss
) -> Measured:
    """Return what a trained network is worth on any samples, with the intervals that validation asked for."""
    target, known = kept.spec.target, kept.artifact(INTERVALS_FILE, KEPT)
    interval = None if known is None else Interval(known["level"], np.array(known["half_widths"], np.float64))
    found = evaluated(trainer, model, regression_task(target, loss), split, kept.splits)
    return measured_numbers(target, split, found, interval)


def _calibrated(splits: Splits[Split, NumbersTarget], fitted: Fitted[Split], level: float) -> Interval:
    """Return the interval that the errors on the validation split ask for."""
    predictions = splits.spec.target.original(fitted.validation.outputs)
    return Interval(level, conformal_half_widths(splits.validation.targets, predictions, level))


def _of_targets(
    names: Sequence[str], targets: np.ndarray, predictions: np.ndarray, bounds: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Return what metrics.json holds of each target alone, where there are several."""
    if len(names) == 1:
        return {}
    own = metrics_by_target(targets, predictions, names)
    if bounds:
        held, wide = coverage(targets, **bounds), width(**bounds)
        for number, name in enumerate(names):
            own[name] |= {"coverage": float(held[number]), "interval_width": float(wide[number])}
    return {"by_target": own}


def _with_baselines(
    measured: Measured, splits: Splits[Split, NumbersTarget], baselines: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Return the same of the test split, beside the baselines' metrics of each target."""
    targets, names = splits.test.targets, splits.spec.target.names
    others = {name: metrics_by_target(targets, predicted, names) for name, predicted in baselines.items()}
    return {key: {"test": own, "baselines": others} for key, own in measured.details.items()}


def _artifacts(
    splits: Splits[Split, NumbersTarget], predictions: np.ndarray, interval: Interval | None
) -> dict[str, bytes]:
    """Return what new samples need to know of their intervals, and texts with what was predicted of them."""
    files = {} if interval is None else {INTERVALS_FILE: interval.to_bytes()}
    examples = regression_examples(splits.spec, splits.test, predictions)
    return files if examples is None else {**files, "examples.json": examples}


def _warnings(splits: Splits[Split, NumbersTarget], intervals: Conformal | None) -> Iterator[str]:
    """Yield what a careful reader would have noticed in the targets."""
    for name, spread in zip(splits.spec.target.names, np.ptp(splits.train.targets, axis=0), strict=True):
        if spread == 0:
            value = f"{splits.train.targets[0, splits.spec.target.names.index(name)]:g}"
            yield f"{name} is {value} in every training sample: there is nothing to learn of it"
    if intervals is not None and (unbounded := unbounded_warning(intervals.level, len(splits.validation))):
        yield unbounded
