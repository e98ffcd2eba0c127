"""What every network ends with: as many numbers as its target needs, in the target's shape."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

    from seqrun.components.splits import Spec


def answer(x: keras.KerasTensor, spec: Spec, *, dropout: float = 0.0) -> keras.KerasTensor:
    """Return the output layer on x (batch, features), or on x (batch, steps, features) to answer at every step.

    It computes in 32 bits even under mixed precision, whose 16 bits would round a probability near 1 to 1.
    """
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    if dropout:
        x = Dropout(dropout, name="output_dropout")(x)
    target = spec.target
    x = layers.Dense(target.units, activation=target.activation, dtype="float32", name="output")(x)
    return x if target.ahead is None else as_forecast(x, spec)


def as_forecast(x: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """Return x (batch, horizon * targets), or (batch, steps, horizon * targets), in the target's shape.

    Nothing is learned here; x must have as many numbers as a forecast.
    """
    from keras import layers

    return layers.Reshape(spec.output_shape, dtype="float32", name="forecast")(x)


def hidden_weights(width: int, units: list[int]) -> int:
    """Return how many weights `hidden` has on x (batch, width), without the biases."""
    return sum(map(mul, [width, *units], units))


def hidden(x: keras.KerasTensor, units: list[int], activation: str, *, dropout: float = 0.0) -> keras.KerasTensor:
    """Return x after fully connected layers of these sizes, each with dropout."""
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    for number, size in enumerate(units, start=1):
        x = layers.Dense(size, activation=activation, name=f"dense_{number}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{number}")(x)
    return x
