"""What is kept of a trained regressor: metrics, baselines, intervals, plots, examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import NumbersTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.regression.baselines import regression_baselines
from seqrun.tasks.regression.columns import METRICS
from seqrun.tasks.regression.examples import regression_examples
from seqrun.tasks.regression.intervals import INTERVALS_FILE, Interval
from seqrun.tasks.regression.metrics import metrics_by_target, regression_metrics
from seqrun.tasks.regression.plots import regression_figures
from seqrun.training.conformal import unbounded_warning
from seqrun.training.fitting import Fitted
from seqrun.training.interval_options import Conformal
from seqrun.training.intervals import conformal_half_widths, coverage, interval_metrics, width
from seqrun.training.results import assembled

if TYPE_CHECKING:
    from seqrun.components.session import Session


def measure_regressor(
    splits: Splits[Split, NumbersTarget], fitted: Fitted[Split], session: Session, intervals: Conformal | None
) -> Outcome:
    """Measure on the test split, and compare with the baselines."""
    target, test = splits.spec.target, splits.test
    evaluated = fitted.evaluate(test)
    predictions = target.original(evaluated.outputs)  # (samples, targets)
    session.emit(Message("fitting the baselines"))
    baselines = regression_baselines(splits)
    interval = None if intervals is None else _calibrated(splits, fitted, intervals.level)
    bounds = {} if interval is None else interval.bounds(predictions)
    metrics = fitted.metrics(METRICS, evaluated)
    if interval is not None:
        metrics["test"] |= {"interval_level": interval.level, **interval_metrics(test.targets, **bounds)}
    if (unseen := splits.unseen) is not None:
        metrics[WITHOUT_SEEN] = regression_metrics(test.targets[unseen], predictions[unseen])
    return assembled(
        fitted,
        metrics,
        {name: regression_metrics(test.targets, predicted) for name, predicted in baselines.items()},
        error="mae",
        predictions={"targets": test.targets, "predictions": predictions, "index": test.index, **bounds},
        figures=regression_figures(test.targets, predictions, target.names, interval),
        artifacts=_artifacts(splits, predictions, interval),
        details=_details(splits, predictions, baselines, bounds),
        warnings=[*_warnings(splits, intervals)],
    )


def _calibrated(splits: Splits[Split, NumbersTarget], fitted: Fitted[Split], level: float) -> Interval:
    """Return the interval that the errors on the validation split ask for."""
    predictions = splits.spec.target.original(fitted.validation.outputs)
    return Interval(level, conformal_half_widths(splits.validation.targets, predictions, level))


def _details(
    splits: Splits[Split, NumbersTarget],
    predictions: np.ndarray,
    baselines: Mapping[str, np.ndarray],
    bounds: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Return what metrics.json holds of each target alone, where there are several."""
    targets, names = splits.test.targets, splits.spec.target.names
    if len(names) == 1:
        return {}
    own = metrics_by_target(targets, predictions, names)
    if bounds:
        held, wide = coverage(targets, **bounds), width(**bounds)
        for number, name in enumerate(names):
            own[name] |= {"coverage": float(held[number]), "interval_width": float(wide[number])}
    others = {name: metrics_by_target(targets, predicted, names) for name, predicted in baselines.items()}
    return {"by_target": {"test": own, "baselines": others}}


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
