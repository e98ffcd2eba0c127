"""Causal convolutions as products against Keras' layer, and which networks' steps are compiled as a whole."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.architectures.layers.fast import causal, fused
from seqrun.architectures.layers.fast.compiled import Arrangement, arrange
from seqrun.training.program import Program
from seqrun.training.samples import Samples

RELU = {"activation": "relu"}
CONVOLUTIONS = [
    RELU | {"kernel_size": 2, "dilation_rate": 1},
    RELU | {"kernel_size": 3, "dilation_rate": 4},
    {"kernel_size": 1, "activation": "sigmoid"},
    {"kernel_size": 4, "dilation_rate": 5, "use_bias": False},  # reaches back further than the sequence
    {"kernel_size": 2, "activation": "softmax"},  # of each step by itself
]


def outputs_and_gradients(layer: keras.layers.Layer, x: tf.Tensor) -> list[np.ndarray]:
    @tf.function(jit_compile=True)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True) if isinstance(layer, causal.Conv1D) else layer(x)
            loss = tf.reduce_sum(tf.sin(outputs))
        return [outputs, *tape.gradient(loss, [x, *layer.trainable_variables])]

    return [each.numpy() for each in run(x)]


@pytest.mark.parametrize("options", CONVOLUTIONS, ids=str)
def test_equals_keras(options):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.standard_normal((5, 11, 3)), tf.float32)
    layers = [each(7, padding="causal", **options) for each in (causal.Conv1D, keras.layers.Conv1D)]
    for layer in layers:
        layer.build(x.shape)
    layers[1].set_weights([rng.standard_normal(weight.shape) for weight in layers[0].get_weights()])
    layers[0].set_weights(layers[1].get_weights())
    layers[0].compiled = True
    for ours, theirs in zip(*(outputs_and_gradients(layer, x) for layer in layers), strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


def stack(convolution: type, *more: keras.layers.Layer, time: int | None = 12, **options) -> keras.Model:
    keras.utils.set_random_seed(3)
    x = inputs = keras.Input((time, 2))
    for dilation in (1, 2, 4):
        x = convolution(4, 2, padding="causal", dilation_rate=dilation, activation="relu", **options)(x)
    for layer in more:
        x = layer(x)
    return keras.Model(inputs, keras.layers.Dense(3)(x))


def test_a_compiled_step_trains_as_keras():
    rng = np.random.default_rng(0)
    samples = Samples(*(rng.standard_normal((24, 12, width)).astype(np.float32) for width in (2, 3)))
    order, results = np.arange(24, dtype=np.int32), []
    for convolution in (causal.Conv1D, keras.layers.Conv1D):
        program = Program(stack(convolution), keras.losses.MeanSquaredError(), keras.optimizers.Adam(0.01))
        assert program.arrangement is (Arrangement.PARTS if convolution is causal.Conv1D else Arrangement.OPERATIONS)
        losses, outputs = program.train_steps(samples, order, 0, 3, 8)
        results.append([losses, outputs, program.evaluate(samples)[1], *program.model.get_weights()])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_what_is_compiled():
    assert arrange(stack(causal.Conv1D, keras.layers.Dropout(0.1))) is Arrangement.PARTS
    assert arrange(stack(causal.Conv1D, fused.GRU(3))) is Arrangement.PARTS
    assert arrange(stack(causal.Conv1D, fused.Bidirectional(fused.LSTM(3)))) is Arrangement.PARTS
    assert arrange(stack(keras.layers.Conv1D)) is Arrangement.OPERATIONS
    assert arrange(stack(causal.Conv1D, time=None)) is Arrangement.OPERATIONS
    assert arrange(stack(causal.Conv1D, keras.layers.BatchNormalization())) is Arrangement.OPERATIONS
    assert arrange(stack(causal.Conv1D, keras.layers.GRU(3))) is Arrangement.OPERATIONS
    assert arrange(stack(causal.Conv1D, fused.GRU(3, recurrent_dropout=0.1))) is Arrangement.OPERATIONS
    assert arrange(stack(causal.Conv1D, dtype="mixed_bfloat16")) is Arrangement.OPERATIONS
    model = stack(causal.Conv1D, causal.Conv1D(4, 2, strides=2))
    assert arrange(model) is Arrangement.OPERATIONS
    assert not any(layer.compiled for layer in model.layers if isinstance(layer, causal.Conv1D))
