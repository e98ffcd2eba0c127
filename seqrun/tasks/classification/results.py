"""What is kept of a trained classifier: metrics, a threshold, baselines, plots, examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Confusion, Kept, Measured
from seqrun.components.outcome import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import ClassTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.classification.baselines import linear, majority, metrics_of
from seqrun.tasks.classification.columns import METRICS
from seqrun.tasks.classification.examples import classified_examples
from seqrun.tasks.classification.fit import classification_task, probabilities
from seqrun.tasks.classification.metrics import (
    balanced_accuracy_at,
    best_threshold,
    classification_metrics,
    confusion_counts,
    predicted_classes,
    scores_of_classes,
)
from seqrun.tasks.classification.nbsvm import NBSVM, nbsvm
from seqrun.tasks.classification.plots import classification_figures
from seqrun.training.fitting import Evaluation, Fitted, evaluated
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


def measure_classifier(
    splits: Splits[Split, ClassTarget], fitted: Fitted[Split], session: Session, more: Sequence[str] = ()
) -> Outcome:
    """Return the results on the test split, beside those of the usual baselines and of those named by `more`."""
    spec, test = splits.spec, splits.test
    evaluated, threshold = fitted.evaluate(test), None
    if spec.target.units == 1:
        threshold = best_threshold(splits.validation.targets, probabilities(fitted.validation.outputs))
    measured = measured_classes(spec.target, test, evaluated, threshold)
    metrics, scores = fitted.metrics(METRICS, measured.metrics), measured.predictions["predictions"]
    if (unseen := splits.unseen) is not None:
        metrics[WITHOUT_SEEN] = _metrics(test.targets[unseen], scores[unseen], threshold)
    artifacts = {}
    if spec.vocabulary is not None:
        artifacts["examples.json"] = classified_examples(spec.vocabulary, spec.target.classes, test, scores)
    session.emit(Message("fitting the baselines"))
    return assembled(
        fitted, metrics, _baselines(splits, session, more), measured, error="accuracy", artifacts=artifacts
    )


def measured_classes(target: ClassTarget, split: Split, evaluated: Evaluation, threshold: float | None) -> Measured:
    """Return what probabilities are worth on a split; `threshold` is that of two classes, chosen on validation."""
    scores, classes = probabilities(evaluated.outputs), target.classes
    at_threshold = {} if threshold is None else threshold_metrics(split.targets, scores, threshold)
    matrix = confusion_counts(split.targets.astype(np.int64), predicted_classes(scores), len(classes))
    return Measured(
        {**evaluated.metrics, **at_threshold},
        {"targets": split.targets, "predictions": scores, "index": split.index},
        classification_figures(split.targets, scores, classes, threshold),
        {"by_class": scores_of_classes(matrix, classes)},
        Confusion(classes, matrix),
    )


def evaluate_classifier(trainer: Trainer, model: keras.Model, split: Split, kept: Kept[Split, ClassTarget]) -> Measured:
    """Return what a trained network is worth on any samples, at 0.5 and at the run's own threshold."""
    target = kept.spec.target
    found = evaluated(trainer, model, classification_task(target), split, kept.splits)
    return measured_classes(target, split, found, kept.test.get("threshold"))


def _metrics(targets: np.ndarray, scores: np.ndarray, threshold: float | None) -> dict[str, float]:
    """Return the test metrics of some of the samples; `threshold` is that of two classes."""
    at_threshold = {} if threshold is None else threshold_metrics(targets, scores, threshold)
    return {**classification_metrics(targets, scores), **at_threshold}


def threshold_metrics(targets: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    """Return the balanced accuracy on the test split at `threshold`, and at the threshold that is best on test itself.

    The second is what some books report; it has seen the test split's classes, and its name says so.
    """
    test_chosen = best_threshold(targets, scores)
    return {
        "threshold": threshold,
        "balanced_accuracy_at_threshold": balanced_accuracy_at(targets, scores, threshold),
        "test_chosen_threshold": test_chosen,
        "balanced_accuracy_at_test_chosen_threshold": balanced_accuracy_at(targets, scores, test_chosen),
    }


def _baselines(
    splits: Splits[Split, ClassTarget], session: Session, more: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return the test metrics of the class frequencies, and of a linear model if the spec says what the inputs are.

    And those of NB-SVM, where `more` names it.
    """
    spec, train, test = splits.spec, splits.train, splits.test
    found = {"majority": majority(train.targets, test.targets, spec.target.classes)}
    readable = spec.vocabulary is not None or spec.values is not None
    if readable:
        found |= linear(train, test, spec)
    if NBSVM in more:
        found[NBSVM] = metrics_of(test.targets, nbsvm(splits, session)[1])
    return found
