"""What every classifier ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

    from seqrun.components import Spec


def classify(x: keras.KerasTensor, spec: Spec, *, dropout: float = 0.0) -> keras.KerasTensor:
    """Probabilities, (batch, 1) of the second of two classes or (batch, classes), from features (batch, features).

    In 32 bits even under mixed precision, whose 16 bits would round a probability near 1 to 1.
    """
    from keras import layers

    if dropout:
        x = layers.Dropout(dropout, name="output_dropout")(x)
    target = spec.target
    return layers.Dense(target.units, activation=target.activation, dtype="float32", name="output")(x)


def hidden(x: keras.KerasTensor, units: list[int], activation: str) -> keras.KerasTensor:
    """Fully connected layers of those sizes."""
    from keras import layers

    for number, size in enumerate(units, start=1):
        x = layers.Dense(size, activation=activation, name=f"dense_{number}")(x)
    return x
