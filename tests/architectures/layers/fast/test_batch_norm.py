"""Batch normalisation in compiled programs is Keras'."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.architectures.layers.fast import batch_norm

SHAPE = (20, 7, 5)


@pytest.fixture(autouse=True)
def any_size(monkeypatch):
    monkeypatch.setattr(batch_norm, "LEAST_VALUES", 0)


def trained(kind: type, shape: tuple[int, ...], options: dict, x: np.ndarray) -> list[np.ndarray]:
    """A layer's output, gradients and weights after one step on x."""
    layer, rng = kind(**options), np.random.default_rng(1)
    layer.build(shape)
    layer.set_weights([rng.uniform(0.5, 2, each.shape) for each in layer.weights])
    x = tf.constant(x)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            loss = tf.reduce_sum(tf.sin(y) * tf.cos(x))
        return y, tape.gradient(loss, [x, *layer.trainable_variables])

    y, gradients = step()
    inference = layer(x, training=False)  # of the moving statistics
    return [np.array(each) for each in (y, *gradients, *layer.weights, inference)]


@pytest.mark.parametrize("options", [{}, {"momentum": 0.5, "epsilon": 0.1}, {"scale": False}, {"axis": 1}])
@pytest.mark.parametrize("shape", [SHAPE, SHAPE[::2]])
def test_equals_keras(shape, options):
    x = np.random.default_rng(0).normal(3, 2, shape).astype(np.float32)
    expected = trained(keras.layers.BatchNormalization, shape, options, x)
    for ours, theirs in zip(trained(batch_norm.BatchNormalization, shape, options, x), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize(
    ("options", "served"),
    [
        ({}, True),
        ({"scale": False}, False),
        ({"axis": 1}, False),
        ({"renorm": True}, False),
        ({"dtype": "float16"}, False),
    ],
)
def test_what_is_compiled(options, served, monkeypatch):
    calls = []
    forward = batch_norm._forward
    monkeypatch.setattr(batch_norm, "_forward", lambda *arguments: calls.append(1) or forward(*arguments))
    layer = batch_norm.BatchNormalization(**options)
    layer(np.ones(SHAPE, np.float32))
    assert not calls  # inference
    layer(np.ones(SHAPE, np.float32), training=True)
    assert bool(calls) is served
    monkeypatch.setattr(batch_norm, "LEAST_VALUES", np.prod(SHAPE) + 1)
    calls.clear()
    layer(np.ones(SHAPE, np.float32), training=True)
    assert not calls
