"""How a classifier is trained: its loss, its samples (weighted by class, if asked) and its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import ClassTarget
from seqrun.errors import UsageError
from seqrun.tasks.classification.classes import unknown_class
from seqrun.tasks.classification.metrics import classification_metrics
from seqrun.training.checks import check_output_shape, check_probabilities
from seqrun.training.fitting import Fitted, Task, fit
from seqrun.training.samples import Samples

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


ClassWeight = Literal["balanced"] | Mapping[str, float] | None


def train_classifier(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Split, ClassTarget],
    session: Session,
    class_weight: ClassWeight,
) -> Fitted[Split]:
    """Return the model trained on cross-entropy; UsageError if its outputs are no probabilities of the classes."""
    target = splits.spec.target
    task = classification_task(target, class_weight)
    check_output_shape(model, (target.units,), f"{len(target.classes)} classes want")
    check_probabilities(model, splits.validation.inputs, target.activation)
    return fit(trainer, model, splits, task, session)


def classification_task(target: ClassTarget, class_weight: ClassWeight = None) -> Task[Split]:
    """Return what the training loop needs; `class_weight` counts in training alone."""
    return Task(
        loss=lambda: loss_of(target),
        samples=lambda split: encode(split, target),
        measure=measure,
        training_samples=lambda split: weighted(class_weight, split, target),
    )


def weighted(class_weight: ClassWeight, split: Split, target: ClassTarget) -> Samples:
    """Return the samples to train on, each weighted by its class; UsageError if `class_weight` names an unknown one."""
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
    """Return Keras' cross-entropy of probabilities: binary for two classes, else categorical."""
    import keras

    return keras.losses.BinaryCrossentropy() if target.units == 1 else keras.losses.SparseCategoricalCrossentropy()


def encode(split: Split, target: ClassTarget) -> Samples:
    """Return the samples with targets as the loss takes them: (samples, 1) float32 for two classes, else (samples,)."""
    binary = target.units == 1
    return Samples(split.inputs, split.targets.astype(np.float32)[:, None] if binary else split.targets)


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return outputs (samples, units) as metrics take them.

    These are probabilities of the second of two classes, (samples,), or of all classes, (samples, classes).
    """
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs


def measure(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """Return the classification metrics of encoded targets and of the network's outputs (samples, units)."""
    return classification_metrics(np.ravel(targets).astype(np.int64), probabilities(outputs))
