"""The recurrent family, against plain Keras and the published parameter counts."""

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.architectures.layers.fast.dropout import Dropout


def non_trainable(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights)


def seeded(build, seed=7):
    keras.utils.set_random_seed(seed)
    return build()


@pytest.mark.parametrize(("name", "parameters"), [("simple_rnn", 643_265), ("lstm", 652_577)])
def test_the_imdb_networks_have_the_published_number_of_parameters(make, tokens, name, parameters):
    network = make(name, embedding_dim=64, embedding_dropout=0.3, units=32, batch_norm=True, output_dropout=0.2)
    model = network.build(tokens(size=10_000, length=128))
    assert (model.count_params(), non_trainable(model)) == (parameters, 64)


def test_ten_simple_cells_on_two_features_have_130_parameters(make, values):
    model = make("simple_rnn", units=10).build(values(5, 2))
    assert model.get_layer("simple_rnn_1").count_params() == 130


def test_ten_numbers_for_each_of_thirty_tokens_are_300_parameters(make, tokens):
    model = make("gru", embedding_dim=10).build(tokens(size=30))
    assert model.get_layer("embedding").count_params() == 300


def test_it_is_the_network_that_plain_keras_builds_from_the_same_layers(make, tokens):
    settings = {"embedding_dim": 6, "embedding_dropout": 0.3, "units": 5, "batch_norm": True, "output_dropout": 0.2}
    ours = seeded(lambda: make("lstm", **settings).build(tokens()))
    plain = seeded(
        lambda: keras.Sequential(
            [
                keras.Input((12,)),
                layers.Embedding(50, 6),
                Dropout(0.3),
                layers.LSTM(5),
                layers.BatchNormalization(),
                Dropout(0.2),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
    )
    ids = np.random.default_rng(0).integers(0, 50, (8, 12))
    np.testing.assert_array_equal(ours(ids, training=False), plain(ids, training=False))
    np.testing.assert_allclose(ours(ids, training=True), plain(ids, training=True), rtol=1e-6)


def test_a_list_of_units_is_a_stack_and_bidirectional_doubles_each_layer(make, tokens):
    network = make("gru", units=[4, 3], bidirectional=True, dropout=0.1, recurrent_dropout=0.2, activation="relu")
    ours = seeded(lambda: network.build(tokens(classes=3)))
    cell = {"dropout": 0.1, "recurrent_dropout": 0.2, "activation": "relu"}
    plain = seeded(
        lambda: keras.Sequential(
            [
                keras.Input((12,)),
                layers.Embedding(50, 64),
                layers.Bidirectional(layers.GRU(4, return_sequences=True, **cell)),
                layers.Bidirectional(layers.GRU(3, **cell)),
                layers.Dense(3, activation="softmax"),
            ]
        )
    )
    ids = np.random.default_rng(0).integers(0, 50, (8, 12))
    np.testing.assert_array_equal(ours(ids, training=True), plain(ids, training=True))
    assert ours.output_shape == (None, 3)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
def test_only_with_mask_padding_has_no_effect(make, tokens, cell):
    padded, bare = np.array([[0, 0, 0, 7]]), np.array([[7]])  # one token, before which no state can be forgotten

    def predictions(mask):
        draw = np.random.default_rng(0)
        longer, shorter = (make(cell, units=4, mask=mask).build(tokens(length=length)) for length in (4, 1))
        shorter.set_weights([draw.normal(0, 0.5, weight.shape) for weight in shorter.get_weights()])
        longer.set_weights(shorter.get_weights())
        return longer(padded).numpy(), shorter(bare).numpy()

    np.testing.assert_allclose(*predictions(mask=True), rtol=1e-6)
    before, after = predictions(mask=False)
    assert abs(before - after).max() > 1e-3


def test_the_same_seed_draws_the_same_weights(make, tokens):
    first, second, other = (seeded(lambda: make("lstm").build(tokens()), seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_probabilities_stay_in_32_bits_under_mixed_precision(make, tokens):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = make("lstm", units=4).build(tokens())
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("lstm_1").compute_dtype == "bfloat16"
    assert model.output.dtype == "float32"


def test_settings_of_an_embedding_are_problems_where_there_are_numbers(make, problems_on_numbers):
    network = make("lstm", embedding_dim=8, embedding_dropout=0.1, mask=True)
    assert set(problems_on_numbers(network, (50, 2))) == {
        "architecture.embedding_dim",
        "architecture.embedding_dropout",
        "architecture.mask",
    }
    assert problems_on_numbers(make("lstm"), (50, 2)) == {}


def test_mistakes_are_told_at_their_key(problems_of):
    found = problems_of("architecture: {name: lstm, units: [8, 0], activation: rleu, output_dropout: 1}")
    assert set(found) == {"architecture.units.1", "architecture.activation", "architecture.output_dropout"}
    assert "did you mean relu?" in found["architecture.activation"]
