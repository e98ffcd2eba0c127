"""What every network ends with: the numbers that its target wants, in the target's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    x = layers.Dense(target.units, activation=target.activation, dtype="float32", name="output")(x)
    return x if target.ahead is None else as_forecast(x, spec)


def as_forecast(x: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """Numbers (batch, horizon * targets), or (batch, steps, ...), in the shape of the target; nothing is learned here.

    There must be as many numbers as a forecast has.
    """
    from keras import layers

    return layers.Reshape(spec.output_shape, dtype="float32", name="forecast")(x)


def hidden(x: keras.KerasTensor, units: list[int], activation: str, *, dropout: float = 0.0) -> keras.KerasTensor:
    """Fully connected layers of those sizes, each with dropout."""
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    for number, size in enumerate(units, start=1):
        x = layers.Dense(size, activation=activation, name=f"dense_{number}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{number}")(x)
    return x
