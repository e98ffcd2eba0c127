"""The fast optimizers against Keras' own, step by step, on gradients that are rows and on dense ones."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.training import fast_optimizers

ROWS, WIDTH = 12, 3


def trained(optimizer: keras.optimizers.Optimizer, dtype: str = "float32", row: tuple = (WIDTH,)) -> list[np.ndarray]:
    """A table and a vector after five steps, in some of which rows come up several times and others never."""
    rng = np.random.default_rng(0)
    table = keras.Variable(rng.standard_normal((ROWS, *row)), dtype=dtype)
    vector = keras.Variable(rng.standard_normal(WIDTH), dtype=dtype)
    optimizer.build([table, vector])

    @tf.function
    def step(indices, values, dense):
        rows = tf.IndexedSlices(tf.cast(values, dtype), indices, tf.constant([ROWS, *row]))
        optimizer.apply([rows, tf.cast(dense, dtype)], [table, vector])

    for _ in range(5):
        indices = rng.integers(0, ROWS // 2, 20)
        step(*map(tf.constant, (indices, rng.standard_normal((20, *row)), rng.standard_normal(WIDTH))))
    return [np.array(each, np.float64) for each in (table, vector, *(each.value for each in optimizer.variables))]


SETTINGS = {
    "adam": ("Adam", {}),
    "adam, other decays": ("Adam", {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
    "adam, no first moment": ("Adam", {"beta_1": 0.0}),
    "adam, a second moment that forgets": ("Adam", {"beta_2": 1e-8}),
    "adam, amsgrad": ("Adam", {"amsgrad": True}),
    "adam, all clipped": ("Adam", {"global_clipnorm": 0.5}),
    "adam, scheduled": ("Adam", {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)}),
    "adamw": ("AdamW", {"learning_rate": 0.5}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.1}),
    "rmsprop, clipped": ("RMSprop", {"rho": 0.5, "clipnorm": 0.5}),
    "rmsprop, momentum": ("RMSprop", {"momentum": 0.9}),
    "rmsprop, centered": ("RMSprop", {"centered": True}),
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "sgd, momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "global_clipnorm": 0.5}),
    "sgd, nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_equals_keras(case):
    name, settings = SETTINGS[case]
    expected = trained(getattr(keras.optimizers, name)(**settings))
    for ours, theirs in zip(trained(getattr(fast_optimizers, name)(**settings)), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_16_bits_are_left_to_keras():
    ours, theirs = (trained(module.Adam(), "bfloat16") for module in (fast_optimizers, keras.optimizers))
    for mine, keras_own in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, keras_own)


@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_rows_that_are_matrices(name):
    ours, theirs = (trained(getattr(module, name)(), row=(2, 3)) for module in (fast_optimizers, keras.optimizers))
    for mine, keras_own in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, keras_own, rtol=1e-5, atol=1e-6)
