"""Keras' BatchNormalization as two compiled programs on a CPU, forward and backward, instead of twenty operations.

Defines a Keras class: only what builds a network imports it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.machine import device

LEAST_VALUES = 2**16  # in the inputs: with fewer, starting two programs takes longer than they save


@tf.function(jit_compile=True, autograph=False)
def _forward(
    x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return x (samples, features) with mean beta and deviation gamma; and x's mean, variance and 1 / deviation."""
    mean = tf.reduce_mean(x, axis=0)
    variance = tf.reduce_mean(tf.square(x - mean), axis=0)
    inverse = tf.math.rsqrt(variance + epsilon)
    return (x - mean) * (inverse * gamma) + beta, mean, variance, inverse


@tf.function(jit_compile=True, autograph=False)
def _backward(
    x: tf.Tensor, gamma: tf.Tensor, mean: tf.Tensor, inverse: tf.Tensor, d_y: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return the gradients of x, gamma and beta (Ioffe and Szegedy, 2015, "Batch normalization", section 3)."""
    normal = (x - mean) * inverse
    d_gamma, d_beta = tf.reduce_sum(d_y * normal, axis=0), tf.reduce_sum(d_y, axis=0)
    return (d_y - (d_beta + normal * d_gamma) / x.shape[0]) * (inverse * gamma), d_gamma, d_beta


@keras.saving.register_keras_serializable(package="seqrun")
class BatchNormalization(keras.layers.BatchNormalization):
    """keras.layers.BatchNormalization, compiled.

    Keras' own code runs with a mask, renormalisation, 16 bits or a GPU, and for inputs that are small or of unknown
    size.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None) -> tf.Tensor:
        if not training or not self._serves(inputs, mask):
            return super().call(inputs, training=training, mask=mask)

        @tf.custom_gradient
        def normalized(
            x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor
        ) -> tuple[tuple[tf.Tensor, ...], Callable[..., tuple[tf.Tensor, ...]]]:
            rows = tf.reshape(x, [-1, x.shape[-1]])
            y, mean, variance, inverse = _forward(rows, gamma, beta, self.epsilon)

            def gradient(d_y: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, ...]:
                d_x, *others = _backward(rows, gamma, mean, inverse, tf.reshape(d_y, rows.shape))
                return tf.reshape(d_x, x.shape), *others

            return (tf.reshape(y, x.shape), mean, variance), gradient

        y, *moments = normalized(inputs, tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta))
        for moving, moment in zip((self.moving_mean, self.moving_variance), moments, strict=True):
            moving.assign(moving * self.momentum + moment * (1.0 - self.momentum))
        return y

    def _serves(self, inputs: tf.Tensor, mask: tf.Tensor | None) -> bool:
        """Return whether the compiled programs can normalise these inputs, and are worth starting."""
        plain = self.trainable and self.center and self.scale and not (self.renorm or self.synchronized)
        large = None not in inputs.shape and math.prod(inputs.shape) >= LEAST_VALUES
        last = self.axis in (-1, inputs.shape.rank - 1)
        here = inputs.dtype == tf.float32 and not device.on_gpu()
        return plain and large and last and here and mask is None
