"""The losses of a network that answers with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras

NumberLoss = Literal["mse", "mae", "huber", "log_cosh"]

_CLASSES = {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "huber": "Huber", "log_cosh": "LogCosh"}


def number_loss(name: NumberLoss) -> keras.losses.Loss:
    """Return Keras' loss of that name: a mean over the batch, in the network's units."""
    import keras

    loss: keras.losses.Loss = getattr(keras.losses, _CLASSES[name])()
    return loss
