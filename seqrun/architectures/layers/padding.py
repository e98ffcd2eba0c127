"""Padding, the steps past a sample's end: which they are, and how a network leaves them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.splits import PADDING
from seqrun.components.targets import Answers, asked_by

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.splits import Spec


def padded_at_end(spec: Spec) -> bool:
    """Whether padding, if there is any, follows the sample: that of numbers and of tagged tokens does.

    A text's may stand in front, and is a token like another to a network that does not skip it.
    """
    return spec.vocabulary is None or spec.target.answers is Answers.TAGS


def padded_texts(experiment: Experiment) -> bool:
    """Whether samples are texts that are not tagged, as the config tells it: the others are padded at the end."""
    dataset = experiment.dataset
    return dataset.inputs == "tokens" and Answers.TAGS not in asked_by(dataset.tasks & experiment.trainer.tasks)


def real_steps(inputs: keras.KerasTensor, spec: Spec) -> keras.KerasTensor | None:
    """Which steps of the model's input are no padding: (batch, time) booleans; None where all are."""
    from keras import ops

    if spec.vocabulary is not None:
        return ops.not_equal(inputs, 0)
    if spec.values is not None and spec.values.padded:
        return ops.any(ops.not_equal(inputs, PADDING), axis=-1)
    return None


def without_padding(values: keras.KerasTensor, spec: Spec, *, mask: bool = False) -> keras.KerasTensor:
    """The model's input (batch, time, features) with zeros as padding, which `mask` lets the next layers skip."""
    from keras import layers

    real = real_steps(values, spec)
    if real is not None and mask:
        return layers.Masking(PADDING, name="masking")(values)
    return fill(values, real)


def flattened(values: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """The model's input as one vector, (batch, time * features), with zeros as padding."""
    from keras import layers

    return layers.Flatten(name="flatten")(without_padding(values, spec))


def fill(x: keras.KerasTensor, real: keras.KerasTensor | None, value: float = 0.0) -> keras.KerasTensor:
    """x (batch, time, features) with that value at the steps that are not real (None: all are)."""
    from keras import ops

    return x if real is None else ops.where(ops.expand_dims(real, -1), x, value)


def last_step(x: keras.KerasTensor, real: keras.KerasTensor | None) -> keras.KerasTensor:
    """The last real step (batch, features) of x (batch, time, features)."""
    from keras import ops

    if real is None:
        return x[:, -1]
    last = ops.sum(ops.cast(real, "int32"), axis=1) - 1  # (batch,)
    return ops.take_along_axis(x, ops.expand_dims(last, (1, 2)), axis=1)[:, 0]
