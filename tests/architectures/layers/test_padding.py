"""Samples of different lengths: what follows a sample's end has no effect."""

import warnings

import keras
import numpy as np
import pytest

from seqrun.components.padding import PADDING
from seqrun.components.targets import TagTarget

TIME, LENGTH = 16, 11
STACK = {"filters": [4, 3], "kernel_size": 3, "pool_size": 1}
SHORTENED = {**STACK, "pool_size": [2, 1], "strides": [1, 2]}
SMALL = {"width": 4, "feed_forward": 4}
BIDIRECTIONAL = {"name": "Bidirectional", "layer": {"name": "GRU", "units": 4, "return_sequences": True}}
CLASSIFIERS = [
    ("lstm", {"units": [4, 3], "bidirectional": True}),
    ("gru", {"units": 4, "batch_norm": True}),
    ("ln_rnn", {"units": [4, 3]}),
    ("conv1d", {**STACK, "padding": "same", "head": "global_max", "activation": "log_sigmoid"}),
    ("conv1d", {**STACK, "padding": "same", "head": "global_average"}),
    ("conv1d", {**STACK, "padding": "causal", "head": "last"}),
    ("conv1d", {**SHORTENED, "head": "last"}),
    ("conv1d", {**SHORTENED, "padding": "causal", "dense": [3]}),
    ("conv_rnn", {**SHORTENED, "units": 4}),
    ("transformer", SMALL),
    ("transformer", {**SMALL, "norm": "post", "pooling": "last", "positions": "sinusoidal"}),
    ("wavenet", {"filters": 4, "dilations": [1, 2]}),
    ("sequential", {"layers": [BIDIRECTIONAL, "GlobalAveragePooling1D"]}),
]
TAGGERS_OF_NUMBERS = [
    ("simple_rnn", {"units": 4, "bidirectional": True}),
    ("ln_rnn", {"units": 4}),
    ("conv_rnn", {**STACK, "padding": "same", "units": 4, "bidirectional": True}),
    ("wavenet", {"filters": 4, "dilations": [1, 2]}),
    ("sequential", {"layers": [BIDIRECTIONAL]}),
]
TAGGERS_OF_TOKENS = [
    ("gru", {"units": [4, 3], "bidirectional": True}),
    ("lstm", {"units": 4, "batch_norm": True}),
    ("conv1d", {**STACK, "padding": "same", "dense": [4]}),
    ("conv1d", {**STACK, "padding": "causal"}),
    ("conv_rnn", {**STACK, "padding": "same", "units": 4, "bidirectional": True}),
    ("transformer", SMALL),
    ("sequential", {"layers": [{"name": "Embedding", "output_dim": 4}, BIDIRECTIONAL]}),
]


def named(cases):
    return [pytest.param(name, settings, id=f"{name}-{number}") for number, (name, settings) in enumerate(cases)]


def spread(model: keras.Model) -> keras.Model:
    """Weights of such sizes that every step matters."""
    draw = np.random.default_rng(3)
    model.set_weights([abs(draw.normal(0.5, 0.3, w.shape)) if w.ndim < 2 else draw.normal(0, 0.6, w.shape)
                       for w in model.get_weights()])  # fmt: skip
    return model


def with_weights_of(other: keras.Model, model: keras.Model) -> keras.Model:
    """The model with the other's weights, of its positions with as many as it has."""
    pairs = zip(model.weights, other.get_weights(), strict=True)
    model.set_weights([weights[: variable.shape[0]] for variable, weights in pairs])
    return model


def padded(*samples, time=TIME, value=PADDING):
    array = np.full((len(samples), time, *samples[0].shape[1:]), value, samples[0].dtype)
    for row, sample in zip(array, samples, strict=True):
        row[: len(sample)] = sample
    return array


def numbers(length):
    return np.random.default_rng(length).normal(size=(length, 2)).astype("float32")


@pytest.mark.parametrize(("name", "settings"), named(CLASSIFIERS))
def test_a_sample_is_classified_as_without_its_padding(make, ragged, name, settings):
    network = make(name, **settings)
    model = spread(network.build(ragged(TIME, 2)))
    bare = with_weights_of(model, network.build(ragged(LENGTH, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Keras' where a layer ends a mask
        found, longer = model(padded(numbers(LENGTH), numbers(TIME))).numpy()
    np.testing.assert_allclose(bare(numbers(LENGTH)[None])[0], found, rtol=1e-3, atol=1e-5)
    assert abs(longer - found).max() > 1e-3


@pytest.mark.parametrize("name", ["conv1d", "conv_rnn"])
def test_a_sample_too_short_for_the_convolutions_is_classified_whatever_the_padding(make, ragged, name):
    network = make(name, filters=[4, 3], kernel_size=5, pool_size=[2, 1])
    model = spread(network.build(ragged(TIME, 2)))
    longer = with_weights_of(model, network.build(ragged(2 * TIME, 2)))
    short = [numbers(2), numbers(3)]
    found = model(padded(*short)).numpy()
    assert np.isfinite(found).all()
    np.testing.assert_allclose(longer(padded(*short, time=2 * TIME)), found, rtol=1e-4)


@pytest.mark.parametrize(("name", "settings"), [("linear", {}), ("dense", {"units": 4})])
def test_what_reads_the_whole_window_reads_zeros_as_padding(make, ragged, values, name, settings):
    network = make(name, **settings)
    model = spread(network.build(ragged(TIME, 2)))
    plain = with_weights_of(model, network.build(values(TIME, 2, classes=3)))
    np.testing.assert_allclose(plain(padded(numbers(LENGTH), value=0)), model(padded(numbers(LENGTH))), rtol=1e-5)


def test_flattened_convolutions_are_zeros_past_the_end(make, ragged):
    model = spread(make("conv1d", filters=4, kernel_size=1, pool_size=1, head="flatten").build(ragged(TIME, 2)))
    flattened = keras.Model(model.input, model.get_layer("flatten").output)(padded(numbers(LENGTH))).numpy()
    steps = flattened.reshape(TIME, 4)
    assert steps[:LENGTH].any()
    assert not steps[LENGTH:].any()


@pytest.mark.parametrize(("name", "settings"), [("gru", {"units": 4}), ("conv1d", STACK), ("wavenet", {"filters": 4})])
def test_padding_is_left_out_in_16_bits_too(make, ragged, name, settings):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = make(name, **settings)
        model = network.build(ragged(TIME, 2))
        longer = with_weights_of(model, network.build(ragged(2 * TIME, 2)))
    finally:
        keras.config.set_dtype_policy(before)
    found = model(padded(numbers(LENGTH))).numpy()
    np.testing.assert_allclose(longer(padded(numbers(LENGTH), time=2 * TIME)), found, atol=1e-3)


@pytest.mark.parametrize(("name", "settings"), named(TAGGERS_OF_NUMBERS))
def test_numbers_are_tagged_as_without_their_padding(make, ragged, name, settings):
    network, tags = make(name, **settings), TagTarget(("rest", "walk"))
    model = spread(network.build(ragged(TIME, 2, tags)))
    bare = with_weights_of(model, network.build(ragged(LENGTH, 2, tags)))
    found, _ = model(padded(numbers(LENGTH), numbers(TIME))).numpy()
    np.testing.assert_allclose(bare(numbers(LENGTH)[None])[0], found[:LENGTH], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("name", "settings"), named(TAGGERS_OF_TOKENS))
def test_tokens_are_tagged_as_without_their_padding(make, tagged, name, settings):
    network = make(name, **settings)
    model = spread(network.build(tagged(TIME)))
    bare = with_weights_of(model, network.build(tagged(LENGTH)))
    short, full = np.split(np.random.default_rng(0).integers(1, 20, LENGTH + TIME), [LENGTH])
    found, _ = model(padded(short, full, value=0)).numpy()
    np.testing.assert_allclose(bare(short[None])[0], found[:LENGTH], rtol=1e-3, atol=1e-5)
