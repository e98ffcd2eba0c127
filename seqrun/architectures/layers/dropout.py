"""Keras' Dropout with random numbers from a compiled program, in half the time of TensorFlow's on a CPU.

Defines a Keras class: only what builds a network imports it.
"""

from __future__ import annotations

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253


@tf.function(jit_compile=True, autograph=False)
def _kept(seed: tf.Tensor, shape: tuple[int, ...], rate: float) -> tf.Tensor:
    """What inputs of this shape are multiplied by: zero with the probability `rate`, else 1 / (1 - rate).

    The bits are Threefry's (Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3"): XLA makes a loop of
    plain vector operations of it, which it does not of Philox, TensorFlow's choice on a CPU.
    """
    bits = tf.random.stateless_uniform(shape, seed, minval=None, maxval=None, dtype=tf.uint32, alg="threefry")
    return tf.where(bits >= tf.constant(round(rate * 2**32), tf.uint32), 1 / (1 - rate), 0.0)


@keras.saving.register_keras_serializable(package="seqrun")
class Dropout(keras.layers.Dropout):
    """keras.layers.Dropout; on a GPU, in 16 bits, with a noise shape or inputs of unknown size it is left to Keras."""

    def call(self, inputs, training=False):
        if not training or not 0 < self.rate < 1:
            return super().call(inputs, training)
        plain = inputs.dtype == tf.float32 and None not in inputs.shape and self.noise_shape is None
        if not plain or tf.config.list_logical_devices("GPU"):
            return super().call(inputs, training)
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return inputs * _kept(seed, tuple(inputs.shape), self.rate)
