"""What every network ends with: probabilities of classes or of tags, or a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.splits import ClassTarget, TagTarget
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.splits import Spec


def answer(x: keras.KerasTensor, spec: Spec, *, dropout: float = 0.0) -> keras.KerasTensor:
    """The target's output layer on features: (batch, features), or (batch, steps, features) for one at every step.

    In 32 bits even under mixed precision, whose 16 bits would round a probability near 1 to 1.
    """
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    if dropout:
        x = Dropout(dropout, name="output_dropout")(x)
    target = spec.target
    if isinstance(target, ClassTarget):  # (batch, 1) of the second of two classes, or (batch, classes)
        return layers.Dense(target.units, activation=target.activation, dtype="float32", name="output")(x)
    if isinstance(target, TagTarget):  # (batch, time, tags)
        return layers.Dense(len(target.tags), activation="softmax", dtype="float32", name="output")(x)
    x = layers.Dense(numbers_a_step(spec), dtype="float32", name="output")(x)
    return as_forecast(x, spec)


def numbers_a_step(spec: Spec) -> int:
    """How many numbers one forecast of a series has."""
    horizon, targets = spec.target.output_shape[-2:]
    return horizon * targets


def as_forecast(x: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """Numbers (batch, horizon * targets), or (batch, steps, ...), in the shape of the target; nothing is learned here.

    Raises ConfigError if there are more or fewer numbers than a forecast has.
    """
    from keras import layers

    if x.shape[-1] != numbers_a_step(spec):
        raise ConfigError([unlike_a_forecast(x.shape[-1], numbers_a_step(spec))])
    return layers.Reshape(spec.target.output_shape, dtype="float32", name="forecast")(x)


def unlike_a_forecast(given: int, wanted: int | str) -> Problem:
    """The mistake of states that are the forecast themselves, and are more or fewer."""
    return Problem(
        ("architecture", "units"),
        f"without an output layer the last layer's states are the forecast, {wanted}, and there are {given}",
    )


def hidden(x: keras.KerasTensor, units: list[int], activation: str, *, dropout: float = 0.0) -> keras.KerasTensor:
    """Fully connected layers of those sizes, each with dropout."""
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    for number, size in enumerate(units, start=1):
        x = layers.Dense(size, activation=activation, name=f"dense_{number}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{number}")(x)
    return x
