"""How a classifier is trained and measured: probabilities against scikit-learn's metrics and two plain baselines."""

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
    trainer: Trainer, model: keras.Model, splits: Splits, session: Session, class_weight: ClassWeight
) -> Fitted:
    """Train on cross-entropy, with the validation split as judge."""
    target = splits.spec.target
    task = Task(
        loss=lambda: loss_of(target),
        samples=lambda split: encode(split, target),
        measure=measure,
        training_samples=lambda split: weighted(class_weight, split, target),
    )
    check_output_shape(model, (target.units,), f"{len(target.classes)} classes want")
    check_probabilities(model, splits.validation.inputs, target.activation)
    return fit(trainer, model, splits, task, session)


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
