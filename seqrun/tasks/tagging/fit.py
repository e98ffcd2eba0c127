"""How a tagger is trained: its loss, its samples and its metrics, in which every step counts once and padding never."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.padding import NO_TAG
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import TagTarget
from seqrun.tasks.tagging.metrics import Guesses, keep_guesses, tag_metrics
from seqrun.training.checks import check_output_shape, check_probabilities
from seqrun.training.fitting import Evaluation, Fitted, Task, fit
from seqrun.training.program import Program
from seqrun.training.samples import Samples

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.components.session import Session


def train_tagger(
    trainer: Trainer, model: keras.Model, splits: Splits[Split, TagTarget], session: Session
) -> Fitted[Split]:
    """Return the model trained on the cross-entropy of real steps; UsageError if its outputs are no probabilities."""
    tags, time = splits.spec.target.tags, splits.validation.targets.shape[1]
    check_output_shape(model, (time, len(tags)), f"{len(tags)} tags at each of {time} steps want")
    check_probabilities(model, splits.validation.inputs, "softmax")
    return fit(trainer, model, splits, tagging_task(tags), session)


def tagging_task(tags: tuple[str, ...]) -> Task[Split]:
    """Return what the training loop needs."""
    return Task(
        loss=lambda: tag_loss,
        samples=weighted,
        measure=lambda targets, kept: tag_metrics(targets, Guesses.kept(kept), tags),
        keep=keep_guesses,
        evaluation=evaluation(tags),
    )


def evaluation(tags: tuple[str, ...]) -> Callable[[Program, Split], Evaluation]:
    """Return a function that evaluates a program on a split and keeps all probabilities, (samples, time, tags).

    Training keeps only what the metrics need of them (`keep_guesses`); the run saves all.
    """

    @cache
    def whole(program: Program) -> Program:
        return Program(program.model, program.loss, program.optimizer)

    def evaluate(program: Program, split: Split) -> Evaluation:
        loss, outputs = whole(program).evaluate(weighted(split))
        metrics = tag_metrics(split.targets, Guesses.of(split.targets, outputs), tags)
        return Evaluation(loss, outputs, {"loss": loss, **metrics})

    return evaluate


def tag_loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor) -> tf.Tensor:
    """Return the mean cross-entropy of tag numbers (batch, time) and probabilities (batch, time, tags).

    The weights are (batch, time). No `keras.losses.Loss`, which would weigh once more by the mask of the outputs.
    """
    import keras
    import tensorflow as tf

    nats = keras.losses.sparse_categorical_crossentropy(tf.maximum(targets, 0), outputs)  # (batch, time)
    return tf.reduce_mean(nats * tf.cast(sample_weight, nats.dtype))


def weighted(split: Split) -> Samples:
    """Return the samples, weighted by step such that the loss over a split is the mean over its real steps."""
    real = split.targets != NO_TAG  # (samples, time)
    return Samples(split.inputs, split.targets, (real / real.mean()).astype(np.float32))
