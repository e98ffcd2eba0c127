"""Keras' causal convolution as products of whole sequences, for networks whose training step XLA compiles as a whole.

A causal convolution is one product of the kernel with every step and those before it that a tap sees, one above the
other. TensorFlow by itself makes that slower than its convolution, by all the copies; XLA fuses them with bias and
activation. Features come first in the products, so that passes over steps and samples, the product for the kernel's
gradient too, run along the memory; between two such layers nothing is transposed, as XLA sees that it is undone.
Defines Keras classes: only what builds a network imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

_ELEMENTWISE = (  # activations that need not know which axis is which
    keras.activations.linear,
    keras.activations.relu,
    keras.activations.tanh,
    keras.activations.sigmoid,
    keras.activations.elu,
    keras.activations.selu,
    keras.activations.gelu,
    keras.activations.silu,
    keras.activations.softplus,
)


def _put(table: tf.Tensor, rows: tf.Tensor, row: int, column: int) -> tf.Tensor:
    """The table with these at that place. XLA does it in the table's memory, and faster than it pads or joins."""
    if 0 in rows.shape:
        return table
    end = [row + rows.shape[0], column + rows.shape[1]]
    return tf.raw_ops.TensorStridedSliceUpdate(input=table, begin=[row, column], end=end, strides=[1, 1], value=rows)


def _seen(x: tf.Tensor, distances: Sequence[int]) -> tf.Tensor:
    """x (features, places) as it is at each distance before a place, zero before the first.

    (distances * features, places); the last distance is 0.
    """
    features, places = x.shape

    @tf.custom_gradient
    def seen(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        table = tf.concat([x] * len(distances), axis=0)
        for number, distance in enumerate(distances[:-1]):
            table = _put(table, x[:, : places - distance], number * features, distance)
            table = _put(table, tf.zeros((features, distance)), number * features, 0)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            *parts, total = tf.split(upstream, len(distances))
            for part, distance in zip(parts, distances, strict=False):
                total = _put(total, total[:, : places - distance] + part[:, distance:], 0, 0)
            return total

        return table, gradient

    return seen(x)


@keras.saving.register_keras_serializable(package="seqrun")
class Conv1D(keras.layers.Conv1D):
    """keras.layers.Conv1D; `compiled` tells that the training step around it is compiled by XLA."""

    compiled = False

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not (self.compiled and training) or None in inputs.shape:
            return super().call(inputs)
        taps, features, filters = self.kernel.shape
        batch, time, _ = inputs.shape
        x = tf.reshape(tf.transpose(inputs, [2, 1, 0]), [features, time * batch])
        seen = _seen(x, [min(time, tap * self.dilation_rate[0]) * batch for tap in reversed(range(taps))])
        x = tf.matmul(tf.reshape(self.kernel, [taps * features, filters]), seen, transpose_a=True)
        x = x + self.bias[:, None] if self.use_bias else x
        x = self.activation(x) if self.activation in _ELEMENTWISE else x
        x = tf.transpose(tf.reshape(x, [filters, time, batch]), [2, 1, 0])
        return x if self.activation in _ELEMENTWISE else self.activation(x)

    def compilable(self) -> bool:
        """Whether `call` knows this convolution."""
        plain = self.strides == (1,) and self.groups == 1 and self.data_format == "channels_last"
        return plain and self.padding == "causal"
