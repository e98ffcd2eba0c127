"""How an autoencoder is trained: its loss, its error, and what is checked of the network before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Split, Splits
from seqrun.components.targets import Reconstruction
from seqrun.errors import UsageError
from seqrun.readable import counted
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.evaluation import WholePass
from seqrun.training.checks import TRIED, check_output_shape, tried_outputs
from seqrun.training.fitting import Fitted, Task, fit
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.components.session import Session
    from seqrun.training.program import Loss

ROUNDING = 1e-6  # by which scaled values may leave 0..1


def train_autoencoder(trainer: Trainer, model: keras.Model, splits: Splits, session: Session, loss_name: str) -> Fitted:
    """Train the model to reconstruct its input; return it with the weights of its best epoch.

    Raises UsageError for a network that is no autoencoder, or for values that the loss is not for.
    """
    check_target(splits.spec)
    known = splits.of(Split, Reconstruction)
    check_network(model, known)
    if loss_name == "binary_crossentropy":
        check_unit_interval(model, known.train)
    return fit(trainer, model, known, reconstruction_task(model, loss_name), session)


def reconstruction_task(model: keras.Model, loss_name: str) -> Task[Split]:
    """Return what the training loop needs."""
    loss = reconstruction_loss(loss_name)
    return Task(
        loss=lambda: loss,
        samples=reconstruction_samples,
        measure=measure,
        keep=squared_errors,
        evaluation=WholePass(Coding.of(model), squared_errors, measure),
    )


def reconstruction_samples(split: Split) -> ReconstructionSamples:
    """Return samples whose inputs are their targets too."""
    return ReconstructionSamples(split.inputs)


def reconstruction_loss(name: str) -> Loss:
    """Return a loss: the mean over steps of a step's loss times its weight; a step's loss is the mean over features.

    A `keras.losses.Loss` would divide by the weights of the batch, but they are scaled to make the mean over the split
    right (see `ReconstructionSamples`).
    """
    import tensorflow as tf
    from keras import losses

    of_steps = {"mse": losses.mean_squared_error, "binary_crossentropy": losses.binary_crossentropy}[name]

    def loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
        steps = of_steps(targets, outputs)  # (batch, time)
        return tf.reduce_mean(steps if sample_weight is None else steps * sample_weight)

    return loss


def squared_errors(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Return (batch,) squared errors, each summed over a sample's values; padding, of weight 0, is left out."""
    import tensorflow as tf

    steps = tf.reduce_sum(tf.square(targets - tf.cast(outputs, targets.dtype)), axis=-1)  # (batch, time)
    return tf.reduce_sum(steps if weights is None else tf.where(weights > 0, steps, 0.0), axis=-1)


def measure(counts: np.ndarray, sums: np.ndarray) -> dict[str, float]:
    """Return the mean squared error over all values, in the network's units, where every feature counts alike.

    Takes how many values each sample has, and its summed squared errors; both are (samples,).
    """
    return {"reconstruction_mse": float(sums.sum(dtype=np.float64) / counts.sum())}


# --- what cannot be trained -------------------------------------------------------------------------------------------


def check_target(spec: Spec) -> None:
    """Raise UsageError if the target is not the input itself, which an autoencoder's `refine` makes it."""
    if not isinstance(spec.target, Reconstruction):
        given = type(spec.target).__name__
        raise UsageError(f"the target is a {given}; an autoencoder's refine() makes it a Reconstruction")


def check_network(model: keras.Model, splits: Splits[Split, Reconstruction]) -> None:
    """Raise UsageError unless the network is an encoder followed by a decoder, and gives its input's shape."""
    coding = Coding.of(model)
    check_output_shape(model, splits.spec.input_shape, "a reconstruction wants the input's,")
    if len(coding.encoder.output_shape) != 2:
        raise UsageError(f"the encoder's output has the shape {coding.encoder.output_shape}; codes are (None, numbers)")
    few = splits.train.inputs[:TRIED]
    again = coding.decoder(coding.encoder(few, training=False), training=False)
    if not np.allclose(model(few, training=False), again, atol=1e-3):
        raise UsageError("the network's output is not that of its decoder for its encoder's codes")


def check_unit_interval(model: keras.Model, split: Split) -> None:
    """Raise UsageError if training values, or the network's outputs, are not from 0 to 1."""
    low, high = value_range(split.inputs)
    if outside(low, high):
        raise UsageError(
            f"trainer.loss: binary_crossentropy is for values from 0 to 1; the training samples have {low:g} to "
            f"{high:g}: set trainer.loss: mse, or scale them (dataset.scaler: minmax)"
        )
    low, high = value_range(tried_outputs(model, split.inputs))
    if outside(low, high):
        raise UsageError(
            "trainer.loss: binary_crossentropy is for outputs from 0 to 1; the network's last layer wants "
            "activation='sigmoid' (architecture.output_activation: sigmoid)"
        )


def range_warnings(splits: Splits[Split, Reconstruction]) -> Iterator[str]:
    """Yield a warning for each of validation and test whose values are not from 0 to 1, as those of training are."""
    for name, split in (("validation", splits.validation), ("test", splits.test)):
        low, high = value_range(split.inputs)
        if outside(low, high):
            yield f"{name} values go from {low:g} to {high:g}: outside 0..1 the binary cross-entropy is no sound loss"


def width_warning(coding: Coding, splits: Splits[Split, Reconstruction]) -> Iterator[str]:
    """Yield a warning if a code has as many numbers as a sample or more: the network can then copy its input."""
    code, (time, features) = coding.encoder.output_shape[1], splits.spec.input_shape
    if code >= time * features:
        yield (
            f"the code of {counted(code, 'number')} is no smaller than a sample of {time} x {features}: the network "
            "can copy its input without learning what samples have in common (architecture.latent_dim)"
        )


def outside(low: float, high: float) -> bool:
    """Return whether a range goes beyond 0..1 by more than rounding."""
    return low < -ROUNDING or high > 1 + ROUNDING


def value_range(inputs: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest value that is no padding."""
    real = inputs != PADDING
    return float(inputs.min(where=real, initial=np.inf)), float(inputs.max(where=real, initial=-np.inf))
