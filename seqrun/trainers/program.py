"""The compiled side of training: many steps of gradient descent, or one pass of prediction, in one call of a graph.

Data stay on the device as whole tensors and each step gathers its batch from a shuffled order, so that no Python runs
between steps. Shapes are static: a full batch and the last, partial one are two traces, made once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.trainers.samples import Samples, WindowSamples

Keep = Callable[["tf.Tensor", "tf.Tensor", "tf.Tensor | None"], "tf.Tensor"]  # of targets, outputs, weights
Loss = Callable[..., "tf.Tensor"]  # (targets, outputs, sample_weight=None) -> the mean loss of a batch, as Keras' are

EVALUATION_BATCH = 512  # samples at once where no gradient is needed: large enough to fill the cores, small in memory


def outputs_alone(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Keeps the outputs as they are."""
    return outputs


class Program:
    """A model, its loss and its optimizer, compiled.

    `keep` makes of a batch's targets, outputs and weights what is returned, (batch, ...): by default the outputs alone.
    """

    def __init__(
        self,
        model: keras.Model,
        loss: Loss,
        optimizer: keras.optimizers.Optimizer,
        keep: Keep = outputs_alone,
    ):
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.keep = keep
        optimizer.build(model.trainable_variables)

    def train_steps(
        self, samples: Samples | WindowSamples, order: np.ndarray, start: int, count: int, batch_size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Takes up to `count` steps on the batches that begin at `order[start * batch_size]`.

        Stops early after a step whose loss is not finite. Returns each step's mean loss, (steps,), and what is kept of
        the outputs before each update, (steps * batch_size, ...).
        """
        import tensorflow as tf

        order = tf.convert_to_tensor(order, tf.int32)
        losses, outputs = self._train(
            type(samples), samples.tensors, order, tf.constant(start), tf.constant(count), batch_size
        )
        return losses.numpy(), outputs.numpy()

    def evaluate(self, samples: Samples | WindowSamples) -> tuple[float, np.ndarray]:
        """The mean loss over all samples and what is kept of their outputs, (samples, ...); no dropout, no update."""
        import tensorflow as tf

        full, rest = divmod(len(samples), EVALUATION_BATCH)
        parts = [(0, full, EVALUATION_BATCH)] if full else []
        if rest:
            parts.append((full * EVALUATION_BATCH, 1, rest))
        loss, outputs = 0.0, []
        for first, count, batch_size in parts:
            part_loss, part = self._evaluate(
                type(samples), samples.tensors, tf.constant(first), tf.constant(count), batch_size
            )
            loss += float(part_loss)
            outputs.append(part.numpy())
        return loss / len(samples), np.concatenate(outputs)

    @cached_property
    def _train(self):
        import tensorflow as tf

        @tf.function
        def train(kind, tensors, order, start, count, batch_size):
            outputs = self._room(kind, tensors, count, batch_size)
            losses = tf.TensorArray(tf.float32, size=count, element_shape=())
            loss, step = tf.constant(0.0), tf.constant(0)
            while step < count and tf.math.is_finite(loss):
                index = tf.slice(order, [(start + step) * batch_size], [batch_size])
                x, y, weights = kind.batch(tensors, index)
                loss, output = self.step(x, y, weights)
                outputs = outputs.write(step, tf.cast(self.keep(y, output, weights), tf.float32))
                losses = losses.write(step, loss)
                step += 1
            taken = tf.range(step)
            outputs = outputs.gather(taken)  # (steps, batch_size, ...)
            return losses.gather(taken), tf.reshape(outputs, [-1, *outputs.shape[2:]])

        return train

    @cached_property
    def _evaluate(self):
        import tensorflow as tf

        @tf.function
        def evaluate(kind, tensors, first, count, batch_size):
            outputs = self._room(kind, tensors, count, batch_size)
            total = tf.constant(0.0)
            for step in tf.range(count):
                x, y, weights = kind.batch(tensors, tf.range(batch_size) + first + step * batch_size)
                output = self.model(x, training=False)
                total += self._loss(y, output, weights) * batch_size
                outputs = outputs.write(step, tf.cast(self.keep(y, output, weights), tf.float32))
            return total, outputs.concat()

        return evaluate

    def _room(self, kind, tensors, count: tf.Tensor, batch_size: int) -> tf.TensorArray:
        """For what is kept of `count` batches; only the shape of the example is used, so it is never computed."""
        import tensorflow as tf

        _, targets, weights = kind.batch(tensors, tf.range(batch_size))
        example = self.keep(targets, tf.zeros((batch_size, *self.model.output_shape[1:])), weights)
        return tf.TensorArray(tf.float32, size=count, element_shape=example.shape)

    def _loss(self, targets, outputs, weights):
        import tensorflow as tf

        loss = tf.cast(self.loss(targets, outputs, sample_weight=weights), tf.float32)
        return tf.add_n([loss, *(tf.cast(penalty, tf.float32) for penalty in self.model.losses)])

    def step(self, inputs, targets, weights=None):
        """One step of gradient descent, inside a graph: the batch's mean loss and its outputs before the update."""
        import tensorflow as tf

        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.model(inputs, training=True)
            loss = self._loss(targets, outputs, weights)
            scaled = self.optimizer.scale_loss(loss)
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        return loss, outputs
