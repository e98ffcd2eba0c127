"""How a multi-label network is trained: each label is a question of its own, and all weigh the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.splits import Split, Splits
from seqrun.components.targets import LabelsTarget
from seqrun.tasks.multilabel.metrics import multilabel_metrics
from seqrun.training.checks import check_output_shape, check_probabilities
from seqrun.training.fitting import Fitted, Task, fit
from seqrun.training.samples import Samples

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Trainer
    from seqrun.components.session import Session


def train_multilabel(
    trainer: Trainer, model: keras.Model, splits: Splits[Split, LabelsTarget], session: Session
) -> Fitted:
    """Return the model trained on binary cross-entropy; UsageError if its outputs are no labels' probabilities."""
    target = splits.spec.target
    check_output_shape(model, splits.spec.output_shape, f"{target.units} labels want")
    check_probabilities(model, splits.validation.inputs, target.activation)
    return fit(trainer, model, splits, multilabel_task(), session)


def multilabel_task() -> Task[Split]:
    """Return what the training loop needs."""
    return Task(loss=binary_cross_entropy, samples=encode, measure=multilabel_metrics)


def binary_cross_entropy() -> keras.losses.Loss:
    """Return Keras' binary cross-entropy: its mean over labels, then over samples."""
    import keras

    return keras.losses.BinaryCrossentropy()


def encode(split: Split) -> Samples:
    """Return the samples with targets as the loss takes them: (samples, labels) float32."""
    return Samples(split.inputs, split.targets.astype(np.float32))
