"""Dropout draws from a compiled program what Keras' draws."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.architectures.layers.fast.dropout import Dropout

ONES = np.ones((200, 30, 20), np.float32)


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.999])
def test_each_number_is_dropped_with_the_rate_and_else_scaled(rate):
    y = Dropout(rate, seed=1)(ONES, training=True).numpy()
    assert set(np.unique(y)) <= {np.float32(0), np.float32(1 / (1 - rate))}
    kept, spread = np.mean(y != 0), np.sqrt(rate * (1 - rate) / ONES.size)
    assert kept == pytest.approx(1 - rate, abs=4 * spread)
    for axis in range(3):  # nor does it depend on the place
        others = tuple(each for each in range(3) if each != axis)
        numbers = ONES.size // ONES.shape[axis]
        spread = np.sqrt(rate * (1 - rate) / numbers)
        few = 3 / numbers  # what happens less than once on average is not normally distributed
        assert np.abs((y != 0).mean(axis=others) - (1 - rate)).max() < 5 * spread + few


def draws(count: int, rate: float = 0.5) -> np.ndarray:
    """(count, places): whether each number was kept."""
    layer = Dropout(rate, seed=1)
    return np.array([layer(ONES, training=True).numpy().ravel() > 0 for _ in range(count)])


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_places_and_steps_are_independent(rate):
    kept = (draws(8, rate) - (1 - rate)) / np.sqrt(rate * (1 - rate))  # mean 0, variance 1
    lags = [1, 2, 3, 19, 20, 21, *(2**power for power in range(2, 17))]
    places = [np.mean(kept[:, lag:] * kept[:, :-lag]) * np.sqrt(kept[:, lag:].size) for lag in lags]
    steps = (kept @ kept.T / np.sqrt(kept.shape[1]))[np.triu_indices(len(kept), 1)]
    deviations = np.array([*places, *steps])  # normally distributed, of variance 1
    assert np.abs(deviations).max() < 4
    assert 0.5 < deviations.std() < 1.5


def test_no_pattern_of_neighbours_is_more_frequent_than_another():
    kept = draws(8)
    for shown in (kept.reshape(-1, 8), kept.T.reshape(-1, 8)):  # eight places of a draw, eight draws of a place
        counts = np.bincount(shown @ (1 << np.arange(8)), minlength=256)
        expected = len(shown) / 256
        chi_squared = np.sum((counts - expected) ** 2) / expected
        assert abs(chi_squared - 255) < 4 * np.sqrt(2 * 255)


def test_a_seed_gives_the_same_numbers_again():
    once, again, other = (Dropout(0.3, seed=seed)(ONES, training=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert np.any(once != other)


def test_the_gradient_is_that_of_what_was_kept():
    layer, x = Dropout(0.3, seed=1), tf.constant(ONES)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    np.testing.assert_array_equal(tape.gradient(y, x), y)  # of ones: y is what they were multiplied by


def test_nothing_is_dropped_in_inference_nor_at_a_rate_of_0():
    np.testing.assert_array_equal(Dropout(0.3)(ONES), ONES)
    np.testing.assert_array_equal(Dropout(0.0)(ONES, training=True), ONES)


@pytest.mark.parametrize("options", [{"dtype": "float16"}, {"noise_shape": (200, 1, 20)}, {"rate": 1.0}])
def test_what_it_does_not_serve_is_as_keras(options):
    options = {"rate": 0.3, "seed": 1, **options}
    np.testing.assert_array_equal(
        Dropout(**options)(ONES, training=True), keras.layers.Dropout(**options)(ONES, training=True)
    )


def test_inputs_of_unknown_size():
    layer = Dropout(0.3, seed=1)
    call = tf.function(lambda x: layer(x, training=True), input_signature=[tf.TensorSpec([None, 20])])
    np.testing.assert_array_equal(call(ONES[0]), keras.layers.Dropout(0.3, seed=1)(ONES[0], training=True))
