"""Keras' causal convolution as one matrix product, for networks whose training step XLA compiles as a whole.

The kernel is multiplied with a table that has, for each step, the inputs at all earlier steps that its taps see, one
above the other. Without XLA, the copies into the table make this slower than TensorFlow's convolution; XLA fuses them
with bias and activation. The table has the features first, so that passes over steps and samples, also in the product
for the kernel's gradient, read the memory in order. The transposes between two such layers cancel out, and XLA drops
them. Defines Keras classes: only what builds a network imports it.
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
    """Return the table with `rows` at that place; XLA writes into the table's memory, faster than it pads or joins."""
    if 0 in rows.shape:
        return table
    end = [row + rows.shape[0], column + rows.shape[1]]
    return tf.raw_ops.TensorStridedSliceUpdate(input=table, begin=[row, column], end=end, strides=[1, 1], value=rows)


def _seen(x: tf.Tensor, distances: Sequence[int]) -> tf.Tensor:
    """Return, for each place of x (features, places), x at each distance before it: (distances * features, places).

    Before the first place x counts as zero. The last distance is 0.
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
    """keras.layers.Conv1D; `compiled` is true where XLA compiles the training step around it."""

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
        """Return whether `call` can compute this convolution as a product."""
        plain = self.strides == (1,) and self.groups == 1 and self.data_format == "channels_last"
        return plain and self.padding == "causal"
