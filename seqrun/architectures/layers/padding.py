"""Padding, the steps past a sample's end: which they are, and how a network leaves them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.answers import Answers, asked_by
from seqrun.components.padding import PADDING

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.splits import Spec


def padded_at_end(spec: Spec) -> bool:
    """Return whether padding, if there is any, comes after the sample: it does for numbers and for tagged tokens.

    In other texts it may come first, and a network that does not skip it reads it like tokens.
    """
    return spec.vocabulary is None or spec.target.answers is Answers.TAGS


def padded_texts(experiment: Experiment) -> bool:
    """Return whether the config tells of texts without tags; all other samples are padded at the end."""
    dataset = experiment.dataset
    return dataset.inputs == "tokens" and Answers.TAGS not in asked_by(dataset.tasks & experiment.trainer.tasks)


def real_steps(inputs: keras.KerasTensor, spec: Spec) -> keras.KerasTensor | None:
    """Return which steps of the model's input are real, not padding: (batch, time) booleans; None where all are."""
    from keras import ops

    if spec.vocabulary is not None:
        return ops.not_equal(inputs, 0)
    if spec.values is not None and spec.values.padded:
        return ops.any(ops.not_equal(inputs, PADDING), axis=-1)
    return None


def without_padding(values: keras.KerasTensor, spec: Spec, *, mask: bool = False) -> keras.KerasTensor:
    """Return the model's input (batch, time, features) with zeros as padding; `mask`: the next layers skip padding."""
    from keras import layers

    real = real_steps(values, spec)
    if real is not None and mask:
        return layers.Masking(PADDING, name="masking")(values)
    return fill(values, real)


def flattened(values: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """Return the model's input as one vector, (batch, time * features), with zeros as padding."""
    from keras import layers

    return layers.Flatten(name="flatten")(without_padding(values, spec))


def fill(x: keras.KerasTensor, real: keras.KerasTensor | None, value: float = 0.0) -> keras.KerasTensor:
    """Return x (batch, time, features) with that value at the steps that are not real; `real` None: all are."""
    from keras import ops

    return x if real is None else ops.where(ops.expand_dims(real, -1), x, value)


def last_step(x: keras.KerasTensor, real: keras.KerasTensor | None) -> keras.KerasTensor:
    """Return the last real step (batch, features) of x (batch, time, features); `real` None: all are."""
    from keras import ops

    if real is None:
        return x[:, -1]
    last = ops.sum(ops.cast(real, "int32"), axis=1) - 1  # (batch,)
    return ops.take_along_axis(x, ops.expand_dims(last, (1, 2)), axis=1)[:, 0]
