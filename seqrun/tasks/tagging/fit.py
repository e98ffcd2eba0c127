"""How a tagger is trained and measured: each real step's tag counts once, steps past a sample's end count nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Outcome, Trainer
from seqrun.components.splits import NO_TAG, Split, Splits
from seqrun.components.targets import TagTarget
from seqrun.errors import UsageError
from seqrun.events.events import Message
from seqrun.metrics import TAGGING_METRICS
from seqrun.tasks.tagging.baselines import tag_baselines
from seqrun.tasks.tagging.examples import tagged_examples
from seqrun.tasks.tagging.metrics import Guesses, keep_guesses, tag_counts, tag_details, tag_metrics, with_spans
from seqrun.tasks.tagging.plots import tag_figures
from seqrun.training.fitting import Evaluation, Fitted, Task, fit
from seqrun.training.history_plots import history_figures
from seqrun.training.program import Program
from seqrun.training.samples import Samples
from seqrun.training.skill import losing_warning, skill

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.components.session import Session


def fit_tagger(trainer: Trainer, model: keras.Model, splits: Splits, session: Session) -> Outcome:
    """Trains, measures on the test split, and compares with the baselines."""
    target = splits.spec.target
    task = Task(
        loss=lambda: tag_loss,
        samples=weighted,
        measure=lambda targets, kept: tag_metrics(targets, Guesses.kept(kept), target.tags),
        keep=keep_guesses,
        evaluation=evaluation(target.tags),
    )
    check_outputs(model, splits.validation, target)
    fitted = fit(trainer, model, splits, task, session)
    session.emit(Message("fitting the baselines"))
    baselines = tag_baselines(splits)
    return outcome(
        splits, fitted, {name: with_spans(splits.test.targets, baselines[name], target.tags) for name in baselines}
    )


def evaluation(tags: tuple[str, ...]) -> Callable[[Program, Split], Evaluation]:
    """Of a trained network: one pass, whose outputs are kept whole, (samples, time, tags), as the run saves them."""

    @cache
    def whole(program: Program) -> Program:
        return Program(program.model, program.loss, program.optimizer)

    def evaluate(program: Program, split: Split) -> Evaluation:
        loss, outputs = whole(program).evaluate(weighted(split))
        metrics = tag_metrics(split.targets, Guesses.of(split.targets, outputs), tags)
        return Evaluation(loss, outputs, {"loss": loss, **metrics})

    return evaluate


def tag_loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy of tag numbers (batch, time) and probabilities (batch, time, tags), weighted by (batch, time).

    No Keras loss: that one would weigh anew by the mask of the outputs.
    """
    import keras
    import tensorflow as tf

    nats = keras.losses.sparse_categorical_crossentropy(tf.maximum(targets, 0), outputs)  # (batch, time)
    return tf.reduce_mean(nats * tf.cast(sample_weight, nats.dtype))


def weighted(split: Split) -> Samples:
    """Samples whose steps weigh the same, whatever their sample's length: the loss is the mean over the real steps."""
    real = split.targets != NO_TAG  # (samples, time)
    return Samples(split.inputs, split.targets, (real / real.mean()).astype(np.float32))


def check_outputs(model: keras.Model, split: Split, target: TagTarget) -> None:
    """Raises UsageError if the network's outputs are not probabilities of these tags at every step."""
    shape, time = tuple(model.output_shape), split.targets.shape[1]
    if shape[1:] != (time, len(target.tags)):
        raise UsageError(
            f"the network's output has the shape {shape}; {len(target.tags)} tags at each of {time} steps want "
            f"{(None, time, len(target.tags))}"
        )
    outputs = np.asarray(model(split.inputs[:32], training=False), np.float32)
    if (outputs < 0).any() or not np.allclose(outputs.sum(axis=-1), 1, atol=1e-2):
        raise UsageError("the network's outputs are no probabilities: its last layer wants activation='softmax'")


def outcome(splits: Splits, fitted: Fitted, baselines: dict[str, dict[str, float]]) -> Outcome:
    """Everything that is kept of a trained tagger."""
    spec, test, tags = splits.spec, splits.test, splits.spec.target.tags
    metrics = fitted.metrics(TAGGING_METRICS)
    for name, split, evaluated in (
        ("validation", splits.validation, fitted.validation),
        ("test", test, fitted.test),
    ):
        metrics[name] |= with_spans(split.targets, Guesses.of(split.targets, evaluated.outputs), tags)
    guesses = Guesses.of(test.targets, fitted.test.outputs)
    details = tag_details(test.targets, guesses, tags)
    loses = losing_warning(metrics["test"], baselines, error="accuracy")
    return Outcome(
        best_epoch=fitted.best_epoch,
        metrics=metrics,
        baselines=baselines,
        skill=skill(metrics["test"], baselines, error="accuracy"),
        predictions={
            "targets": test.targets,
            "predictions": fitted.test.outputs,  # (samples, time, tags)
            "index": test.index,
        },
        figures={
            **history_figures(fitted.history, fitted.best_epoch),
            **tag_figures(tag_counts(test.targets, guesses, tags), details, tags),
        },
        artifacts={"examples.json": tagged_examples(spec, test, guesses)} if spec.vocabulary is not None else {},
        details=details,
        warnings=(loses,) if loses else (),
    )
