"""The losses of a network that answers with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.training.program import Loss

NumberLoss = Literal["mse", "mae", "huber", "log_cosh"]

_CLASSES = {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "huber": "Huber", "log_cosh": "LogCosh"}


def number_loss(name: NumberLoss) -> keras.losses.Loss:
    """Return Keras' loss of that name: a mean over the batch, in the network's units."""
    import keras

    loss: keras.losses.Loss = getattr(keras.losses, _CLASSES[name])()
    return loss


def each_number_loss(name: NumberLoss) -> Loss:
    """Return the same loss, of which weights are not of samples or steps, but of each number alone."""
    loss = number_loss(name)

    def weighted(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
        if sample_weight is None:
            return loss(targets, outputs)
        return loss(targets[..., None], outputs[..., None], sample_weight=sample_weight)  # each its own mean

    return weighted
