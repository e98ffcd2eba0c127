"""Keras' causal convolution as products of whole sequences, for networks whose training step XLA compiles as a whole.

A causal convolution is one product of every step with all of its taps, whose parts are added at their distances.
TensorFlow by itself makes that slower than its convolution, by all the copies; XLA fuses them with bias and activation.
Defines Keras classes: only what builds a network imports it.
"""

from __future__ import annotations

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253


@keras.saving.register_keras_serializable(package="seqrun")
class Conv1D(keras.layers.Conv1D):
    """keras.layers.Conv1D; `compiled` tells that the training step around it is compiled by XLA."""

    compiled = False

    def call(self, inputs, training=False):
        if not (self.compiled and training):
            return super().call(inputs)
        taps, features, filters = self.kernel.shape
        time = inputs.shape[1]
        kernel = tf.reshape(tf.transpose(self.kernel, [1, 0, 2]), [features, taps * filters])
        products = tf.reshape(tf.reshape(inputs, [-1, features]) @ kernel, [-1, time, taps, filters])
        x = products[:, :, -1]  # (batch, time, filters)
        for tap in range(taps - 1):
            distance = min(time, (taps - 1 - tap) * self.dilation_rate[0])
            x += tf.pad(products[:, : time - distance, tap], [[0, 0], [distance, 0], [0, 0]])
        x = x + self.bias if self.use_bias else x
        return x if self.activation is None else self.activation(x)

    def compilable(self) -> bool:
        """Whether `call` knows this convolution."""
        plain = self.strides == (1,) and self.groups == 1 and self.data_format == "channels_last"
        return plain and self.padding == "causal"


_PLAIN = (  # layers that XLA compiles well, forth and back
    keras.layers.InputLayer,
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.Conv1D,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.Multiply,
    keras.layers.Reshape,
)


def compile_step(model: keras.Model) -> bool:
    """Whether XLA should compile the model's training step as a whole; makes its causal convolutions ready for that.

    So it is for stacks of them in 32 bits on a CPU. Others are faster as they are: TensorFlow's own kernels gather
    embeddings and convolve without padding, and recurrences are compiled by themselves.
    """
    convolutions = [layer for layer in model.layers if isinstance(layer, Conv1D)]
    fitting = all(isinstance(layer, _PLAIN) and layer.compute_dtype == "float32" for layer in model.layers)
    known = convolutions and fitting and all(layer.compilable() for layer in convolutions)
    compiled = bool(known) and None not in model.input_shape[1:] and not tf.config.list_logical_devices("GPU")
    for layer in convolutions:
        layer.compiled = compiled
    return compiled


def step_compiled(model: keras.Model) -> bool:
    """Whether `compile_step` said so of this model."""
    return any(getattr(layer, "compiled", False) for layer in model.layers)
