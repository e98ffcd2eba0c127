"""Layers that cuDNN computes on a GPU, with Keras' loop on a CPU in its place: any mask, and the decision."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.architectures.layers.fast import fused, recurrence
from seqrun.architectures.layers.fast.compiled import Arrangement, arrange
from seqrun.machine import device

TIME = 5
MASKS = np.array(
    [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0],  # padded at the end, as cuDNN has it
        [0, 0, 1, 1, 1],
        [0, 1, 0, 0, 1],
        [0, 0, 0, 0, 0],  # an empty text
    ],
    bool,
)


@pytest.fixture
def on_a_gpu(monkeypatch):
    monkeypatch.setattr(device, "on_gpu", lambda: True)
    monkeypatch.setattr(device, "deterministic", lambda: False)


def as_cudnn(layer: type) -> Callable:
    """The loop of Keras' layer, refusing what it refuses on a GPU."""
    loop = layer.inner_loop

    def refusing(self, sequences, initial_state, mask, training=False):
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        tf.debugging.assert_equal(mask, tf.sequence_mask(lengths, TIME))
        tf.debugging.assert_positive(lengths)
        return loop(self, sequences, initial_state, mask, training)

    return refusing


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    "options", [{"return_sequences": True}, {}, {"return_sequences": True, "zero_output_for_mask": True}]
)
def test_any_mask_is_read_as_by_keras(name, backwards, options, on_a_gpu, monkeypatch):
    settings = {"return_state": True, "go_backwards": backwards, **options}
    ours, theirs = (getattr(layers, name)(3, **settings) for layers in (fused, keras.layers))
    for layer in (ours, theirs):
        layer.build((len(MASKS), TIME, 2))
    theirs.set_weights(ours.get_weights())
    kept = getattr(keras.layers, name)
    monkeypatch.setattr(kept, "inner_loop", as_cudnn(kept))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.standard_normal((len(MASKS), TIME, 2)).astype(np.float32))
    state = [tf.constant(rng.standard_normal((len(MASKS), 3)).astype(np.float32))] * (2 if name == "LSTM" else 1)
    results = []
    for layer in (ours, theirs):
        if layer is theirs:
            monkeypatch.undo()
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, mask=tf.constant(MASKS), initial_state=state, training=True)
            total = tf.add_n([tf.reduce_sum(tf.sin(each)) for each in outputs])
        results.append([*outputs, *tape.gradient(total, [x, *layer.trainable_variables])])
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_what_cudnn_cannot_compute_runs_compiled(on_a_gpu):
    sequences = tf.TensorSpec((2, TIME, 3), tf.float32)
    assert fused.LSTM(2).reason(sequences) == fused.GRU(2).reason(sequences) == "a GPU has cuDNN"
    for layer in (fused.SimpleRNN(2), fused.LSTM(2, use_bias=False), fused.GRU(2, use_cudnn=False)):
        assert layer.reason(sequences) is None
    assert fused.GRU(2, reset_after=False).reason(sequences) == "reset_after is false"
    assert fused.LSTM(2, activation="relu").reason(sequences) == "activation relu"


def test_what_is_not_trained_runs_compiled_too(on_a_gpu, monkeypatch):
    x, layers = tf.random.stateless_normal((4, TIME, 2), [1, 2]), (fused.SimpleRNN, keras.layers.SimpleRNN)
    ours, theirs = (layer(3, dropout=0.5, return_sequences=True) for layer in layers)
    theirs.build(x.shape)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    expected = theirs(x, training=False)
    monkeypatch.setattr(keras.layers.SimpleRNN, "inner_loop", None)  # Keras' loop is not taken
    np.testing.assert_allclose(ours(x, training=False), expected, rtol=1e-5, atol=1e-6)


def stack(*layers) -> keras.Model:
    return keras.Sequential([keras.Input((TIME, 2)), *layers])


def test_arrangements_on_a_gpu(on_a_gpu, monkeypatch):
    dense = keras.layers.Activation("tanh")
    assert arrange(stack(fused.Bidirectional(fused.LSTM(3)), dense)) is Arrangement.BETWEEN
    assert arrange(stack(stack(fused.GRU(3)), dense)) is Arrangement.BETWEEN
    assert arrange(stack(fused.SimpleRNN(3), dense)) is Arrangement.WHOLE
    assert arrange(stack(keras.layers.Conv1D(3, 2), keras.layers.BatchNormalization())) is Arrangement.WHOLE
    uncompiled = keras.layers.Dense(1)
    uncompiled.supports_jit = False
    assert arrange(stack(uncompiled)) is Arrangement.OPERATIONS
    monkeypatch.setattr(device, "deterministic", lambda: True)
    assert arrange(stack(fused.SimpleRNN(3), dense)) is Arrangement.OPERATIONS


@pytest.mark.parametrize("reverse", [False, True])
def test_a_loop_of_several_steps_a_turn_is_that_of_one(reverse, monkeypatch):
    rng = np.random.default_rng(2)
    x = tf.constant(rng.standard_normal((4, 19, 3)).astype(np.float32))  # two turns, and three steps
    mask = tf.constant(rng.random((4, 19)) < 0.7)
    weights = [tf.constant(rng.standard_normal(shape).astype(np.float32)) for shape in ((3, 2), (2, 2), (2,))]
    results = []
    for gpu in (False, True):
        monkeypatch.setattr(device, "on_gpu", lambda gpu=gpu: gpu)
        assert recurrence.turn() == (8 if gpu else 1)
        with tf.GradientTape() as tape:
            tape.watch([x, *weights])
            outputs = recurrence.simple_rnn(x, mask, weights, [tf.zeros((4, 2))], sequence=True, reverse=reverse)
            total = tf.add_n([tf.reduce_sum(tf.sin(each)) for each in outputs])
        results.append([*outputs, *tape.gradient(total, [x, *weights])])
    for one, several in zip(*results, strict=True):
        np.testing.assert_allclose(several, one, rtol=1e-5, atol=1e-6)
