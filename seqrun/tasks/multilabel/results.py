"""What is kept of a trained multi-label network: metrics, thresholds, baselines, plots, examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Kept, Measured
from seqrun.components.outcome import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import LabelsTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.multilabel.baselines import multilabel_baselines
from seqrun.tasks.multilabel.columns import METRICS
from seqrun.tasks.multilabel.examples import labelled_examples
from seqrun.tasks.multilabel.fit import multilabel_task
from seqrun.tasks.multilabel.metrics import label_details, metrics_at, multilabel_metrics
from seqrun.tasks.multilabel.plots import multilabel_figures
from seqrun.tasks.multilabel.thresholds import (
    KEPT,
    THRESHOLDS_FILE,
    UNKNOWN,
    best_thresholds,
    kept_thresholds,
    thresholds_json,
    undecided_warning,
)
from seqrun.training.fitting import Evaluation, Fitted, evaluated
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


def measure_multilabel(
    splits: Splits[Split, LabelsTarget], fitted: Fitted, session: Session, more: Sequence[str] = ()
) -> Outcome:
    """Return the results on the test split, at 0.5 and at thresholds from validation, beside the baselines'.

    These are the usual ones and those named by `more`.
    """
    spec, test, names = splits.spec, splits.test, splits.spec.target.names
    evaluated = fitted.evaluate(test)
    thresholds = best_thresholds(splits.validation.targets, fitted.validation.outputs)
    measured = measured_labels(names, test, evaluated, thresholds)
    metrics = fitted.metrics(METRICS, measured.metrics)
    if (unseen := splits.unseen) is not None:
        pair = test.targets[unseen], evaluated.outputs[unseen]
        metrics[WITHOUT_SEEN] = {**multilabel_metrics(*pair), **metrics_at(*pair, thresholds)}
    session.emit(Message("fitting the baselines"))
    artifacts = {THRESHOLDS_FILE: thresholds_json(names, thresholds)}
    if spec.vocabulary is not None:
        artifacts["examples.json"] = labelled_examples(spec, test, evaluated.outputs, thresholds)
    undecided = undecided_warning(splits.validation.targets, names)
    return assembled(
        fitted,
        metrics,
        multilabel_baselines(splits, session, more),
        measured,
        error="average_precision",
        artifacts=artifacts,
        warnings=[] if undecided is None else [undecided],
    )


def measured_labels(
    names: tuple[str, ...], split: Split, evaluated: Evaluation, thresholds: np.ndarray | None
) -> Measured:
    """Return what probabilities are worth on a split; thresholds (labels,) are those chosen on validation.

    Without them, in a run that ended before it had chosen any, each label is predicted from 0.5 on.
    """
    outputs = evaluated.outputs
    chosen = np.full(len(names), UNKNOWN) if thresholds is None else thresholds
    details = label_details(split.targets, outputs, chosen, names)
    return Measured(
        {**evaluated.metrics, **({} if thresholds is None else metrics_at(split.targets, outputs, thresholds))},
        {"targets": split.targets, "predictions": outputs, "index": split.index},
        multilabel_figures(split.targets, outputs, details),
        {"labels": details},
    )


def evaluate_multilabel(
    trainer: Trainer, model: keras.Model, split: Split, kept: Kept[Split, LabelsTarget]
) -> Measured:
    """Return what a trained network is worth on any samples, at 0.5 and at the run's own thresholds."""
    names = kept.spec.target.names
    thresholds = kept_thresholds(kept.artifact(THRESHOLDS_FILE, KEPT), names)
    found = evaluated(trainer, model, multilabel_task(), split, kept.splits)
    return measured_labels(names, split, found, thresholds)
