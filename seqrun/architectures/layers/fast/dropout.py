"""Keras' Dropout with random numbers that take almost no time on a CPU, where TensorFlow's take longer than a product.

Defines a Keras class: only what builds a network imports it.
"""

from __future__ import annotations

import math

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.machine import device

_MIXING = ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1))  # MurmurHash3's last steps (A. Appleby, 2011), for 32 bits


def _mixed(x: tf.Tensor) -> tf.Tensor:
    """Return unsigned numbers scrambled one to one, so that each bit of a result depends on all bits of its number."""
    for shift, factor in _MIXING:
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(shift, tf.uint32)))
        x *= tf.constant(factor, tf.uint32)
    return x


@tf.function(jit_compile=True, autograph=False)
def _kept(seed: tf.Tensor, shape: tuple[int, ...], rate: float) -> tf.Tensor:
    """Return what inputs of this shape are multiplied by: 0 with the probability `rate`, else 1 / (1 - rate).

    The random bits of a place are its number, scrambled twice, each time with a key; that takes a tenth of the time of
    a generator. The keys are drawn by Threefry (Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3"), so
    that no two draws share one.
    """
    keys = tf.random.stateless_uniform((2,), seed, minval=None, maxval=None, dtype=tf.uint32, alg="threefry")
    places = tf.reshape(tf.cast(tf.range(math.prod(shape)), tf.uint32), shape)
    bits = _mixed(tf.bitwise.bitwise_xor(_mixed(places + keys[0]), keys[1]))
    return tf.where(bits >= tf.constant(round(rate * 2**32), tf.uint32), 1 / (1 - rate), 0.0)


@keras.saving.register_keras_serializable(package="seqrun")
class Dropout(keras.layers.Dropout):
    """keras.layers.Dropout; Keras' own code runs on a GPU, in 16 bits, with a noise shape and for unknown sizes."""

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training or not 0 < self.rate < 1:
            return super().call(inputs, training)
        plain = inputs.dtype == tf.float32 and None not in inputs.shape and self.noise_shape is None
        if not plain or device.on_gpu():
            return super().call(inputs, training)
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return inputs * _kept(seed, tuple(inputs.shape), self.rate)
