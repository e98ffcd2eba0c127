"""How a classifier is trained and measured: probabilities against scikit-learn's metrics and two plain baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from seqrun.components.base import Outcome, Trainer
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import ClassTarget
from seqrun.errors import UsageError
from seqrun.events.events import Message
from seqrun.metrics import CLASSIFICATION_METRICS
from seqrun.tasks.classification.baselines import logistic, majority, tfidf_logistic
from seqrun.tasks.classification.classes import unknown_class
from seqrun.tasks.classification.examples import classified_examples
from seqrun.tasks.classification.metrics import balanced_accuracy_at, best_threshold, classification_metrics
from seqrun.tasks.classification.plots import classification_figures
from seqrun.training.fitting import Fitted, Task, fit
from seqrun.training.history_plots import history_figures
from seqrun.training.samples import Samples
from seqrun.training.skill import losing_warning, skill

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


ClassWeight = Literal["balanced"] | Mapping[str, float] | None


def fit_classifier(
    trainer: Trainer, model: keras.Model, splits: Splits, session: Session, class_weight: ClassWeight
) -> Outcome:
    """Trains, measures on the test split, and compares with the baselines."""
    target = splits.spec.target
    task = Task(
        loss=lambda: loss_of(target),
        samples=lambda split: encode(split, target),
        measure=measure,
        training_samples=lambda split: weighted(class_weight, split, target),
    )
    check_outputs(model, splits.validation, target)
    fitted = fit(trainer, model, splits, task, session)
    metrics = fitted.metrics(CLASSIFICATION_METRICS)
    scores, threshold = probabilities(fitted.test.outputs), None
    if target.units == 1:
        threshold = best_threshold(splits.validation.targets, probabilities(fitted.validation.outputs))
        metrics["test"] |= threshold_metrics(splits.test.targets, scores, threshold)
    session.emit(Message("fitting the baselines"))
    return outcome(splits, fitted, metrics, scores, threshold)


def weighted(class_weight: ClassWeight, split: Split, target: ClassTarget) -> Samples:
    """Training samples, each weighted by its class."""
    samples = encode(split, target)
    if class_weight is None:
        return samples
    if class_weight == "balanced":
        counts = np.bincount(split.targets, minlength=len(target.classes))
        weights = len(split) / (len(target.classes) * np.maximum(counts, 1))
    else:
        for name in class_weight:
            if problem := unknown_class(name, target.classes):
                raise UsageError(f"trainer.class_weight: {problem}")
        weights = np.array([class_weight.get(name, 1.0) for name in target.classes])
    return replace(samples, weights=weights.astype(np.float32)[split.targets])


def loss_of(target: ClassTarget) -> keras.losses.Loss:
    """Cross-entropy of probabilities."""
    import keras

    return keras.losses.BinaryCrossentropy() if target.units == 1 else keras.losses.SparseCategoricalCrossentropy()


def encode(split: Split, target: ClassTarget) -> Samples:
    """Samples with targets as the loss wants them: (samples, 1) floats for two classes, else (samples,) numbers."""
    binary = target.units == 1
    return Samples(split.inputs, split.targets.astype(np.float32)[:, None] if binary else split.targets)


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """The network's outputs (samples, units) as (samples,) of the second of two classes, or (samples, classes)."""
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs


def measure(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """The metrics of a split or an epoch."""
    return classification_metrics(np.ravel(targets).astype(np.int64), probabilities(outputs))


def check_outputs(model: keras.Model, split: Split, target: ClassTarget) -> None:
    """Raises UsageError if the network's outputs are not probabilities of these classes."""
    shape = tuple(model.output_shape)
    if shape[1:] != (target.units,):
        raise UsageError(
            f"the network's output has the shape {shape}; {len(target.classes)} classes want (None, {target.units})"
        )
    outputs = np.asarray(model(split.inputs[:32], training=False), np.float32)
    outside = (outputs < 0) | (outputs > 1)
    if outside.any() or (target.units > 1 and not np.allclose(outputs.sum(axis=1), 1, atol=1e-2)):
        raise UsageError(
            f"the network's outputs are no probabilities: its last layer wants activation={target.activation!r}"
        )


def threshold_metrics(targets: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    """Balanced accuracy on test at the threshold chosen on validation, and at the one that test itself would choose.

    The second repeats what some books report; it has seen the test's answers, and its name says so.
    """
    test_chosen = best_threshold(targets, scores)
    return {
        "threshold": threshold,
        "balanced_accuracy_at_threshold": balanced_accuracy_at(targets, scores, threshold),
        "test_chosen_threshold": test_chosen,
        "balanced_accuracy_at_test_chosen_threshold": balanced_accuracy_at(targets, scores, test_chosen),
    }


def outcome(
    splits: Splits, fitted: Fitted, metrics: dict[str, dict[str, float]], scores: np.ndarray, threshold: float | None
) -> Outcome:
    """Everything that is kept of a trained classifier; `scores` are its probabilities on the test split."""
    spec, test = splits.spec, splits.test
    baselines = {"majority": majority(splits.train.targets, test.targets, spec.target.classes)}
    if spec.vocabulary is not None:
        baselines["tfidf_logistic"] = tfidf_logistic(splits.train, test, spec.vocabulary.size, spec.target.classes)
    if spec.values is not None:
        baselines["logistic"] = logistic(splits.train, test, spec.target.classes)
    loses = losing_warning(metrics["test"], baselines, error="accuracy")
    return Outcome(
        best_epoch=fitted.best_epoch,
        metrics=metrics,
        baselines=baselines,
        skill=skill(metrics["test"], baselines, error="accuracy"),
        predictions={"targets": test.targets, "predictions": scores, "index": test.index},
        figures={
            **history_figures(fitted.history, fitted.best_epoch),
            **classification_figures(test.targets, scores, spec.target.classes, threshold),
        },
        artifacts={"examples.json": classified_examples(spec, test, scores)} if spec.vocabulary is not None else {},
        warnings=(loses,) if loses else (),
    )
