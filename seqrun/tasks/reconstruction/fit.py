"""How an autoencoder is trained: the loss of a reconstruction, its error, and what a network must be made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.splits import PADDING, Split, Splits
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
    """Train on the loss of the reconstruction, with the validation split as judge."""
    check_network(model, splits)
    if loss_name == "binary_crossentropy":
        check_unit_interval(model, splits.train)
    loss = reconstruction_loss(loss_name)
    task = Task(
        loss=lambda: loss,
        samples=reconstruction_samples,
        measure=measure,
        keep=squared_errors,
        evaluation=WholePass(Coding.of(model), squared_errors, measure),
    )
    return fit(trainer, model, splits, task, session)


def reconstruction_samples(split: Split) -> ReconstructionSamples:
    """The split's inputs as inputs and targets."""
    return ReconstructionSamples(split.inputs)


def reconstruction_loss(name: str) -> Loss:
    """The mean of a step's loss, weighted; a step's is the mean over its features.

    No `keras.losses.Loss`, which would divide by the weights of the batch, not of the split.
    """
    import tensorflow as tf
    from keras import losses

    of_steps = {"mse": losses.mean_squared_error, "binary_crossentropy": losses.binary_crossentropy}[name]

    def loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
        steps = of_steps(targets, outputs)  # (batch, time)
        return tf.reduce_mean(steps if sample_weight is None else steps * sample_weight)

    return loss


def squared_errors(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """(batch,): each sample's squared errors, summed over what is not padding."""
    import tensorflow as tf

    steps = tf.reduce_sum(tf.square(targets - tf.cast(outputs, targets.dtype)), axis=-1)  # (batch, time)
    return tf.reduce_sum(steps if weights is None else tf.where(weights > 0, steps, 0.0), axis=-1)


def measure(counts: np.ndarray, sums: np.ndarray) -> dict[str, float]:
    """The mean squared error over all values, in the network's units, in which every feature weighs alike.

    Takes how many values each sample has and its summed squared errors, both (samples,).
    """
    return {"reconstruction_mse": float(sums.sum(dtype=np.float64) / counts.sum())}


# --- what cannot be trained -------------------------------------------------------------------------------------------


def check_network(model: keras.Model, splits: Splits) -> None:
    """Raises UsageError if the network is not made of an encoder and a decoder, or its output is not like its input."""
    if not isinstance(splits.spec.target, Reconstruction):
        given = type(splits.spec.target).__name__
        raise UsageError(f"the target is a {given}; an autoencoder's refine() makes it a Reconstruction")
    coding = Coding.of(model)
    check_output_shape(model, splits.spec.input_shape, "a reconstruction wants the input's,")
    if len(coding.encoder.output_shape) != 2:
        raise UsageError(f"the encoder's output has the shape {coding.encoder.output_shape}; codes are (None, numbers)")
    few = splits.train.inputs[:TRIED]
    again = coding.decoder(coding.encoder(few, training=False), training=False)
    if not np.allclose(model(few, training=False), again, atol=1e-3):
        raise UsageError("the network's output is not that of its decoder for its encoder's codes")


def check_unit_interval(model: keras.Model, split: Split) -> None:
    """Raises UsageError if the network's outputs or the values to learn from are outside 0..1."""
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


def range_warnings(splits: Splits) -> Iterator[str]:
    """Says which of the splits that are only measured has values beyond those that training had."""
    for name in ("validation", "test"):
        low, high = value_range(getattr(splits, name).inputs)
        if outside(low, high):
            yield f"{name} values go from {low:g} to {high:g}: outside 0..1 the binary cross-entropy is no sound loss"


def width_warning(coding: Coding, splits: Splits) -> Iterator[str]:
    """Says so if codes have room for all numbers of a sample: nothing forces the network to find what matters."""
    code, (time, features) = coding.encoder.output_shape[1], splits.spec.input_shape
    if code >= time * features:
        yield (
            f"the code of {counted(code, 'number')} is no smaller than a sample of {time} x {features}: the network "
            "can copy its input without learning what samples have in common (architecture.latent_dim)"
        )


def outside(low: float, high: float) -> bool:
    return low < -ROUNDING or high > 1 + ROUNDING


def value_range(inputs: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest value that is no padding."""
    real = inputs != PADDING
    return float(inputs.min(where=real, initial=np.inf)), float(inputs.max(where=real, initial=-np.inf))
