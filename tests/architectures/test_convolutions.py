"""The convolutional families, against plain Keras and the published parameter counts."""

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.architectures.layers.fast.dropout import Dropout
from seqrun.errors import ConfigError


def seeded(build):
    keras.utils.set_random_seed(7)
    return build()


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers]


def test_the_imdb_network_has_the_published_number_of_parameters(make, tokens):
    network = make("conv1d", embedding_dim=128, filters=[32, 32], kernel_size=7, pool_size=5, head="global_max")
    model = network.build(tokens(size=10_000, length=500))
    assert model.count_params() == 1_315_937
    assert names(model)[1:] == ["embedding", "conv1d_1", "max_pooling_1", "conv1d_2", "global_max", "output"]


def test_the_weather_network_has_the_published_number_of_parameters(make, values):
    network = make("conv_rnn", filters=[32, 32], kernel_size=5, pool_size=[3, 1], cell="gru", units=32)
    assert network.build(values(240, 14)).count_params() == 13_793


def test_the_20_000_word_networks_are_those_of_plain_keras(make, tokens):
    shared = {"embedding_dim": 8, "embedding_dropout": 0.2, "filters": 6, "kernel_size": 5, "pool_size": 4}
    ids = np.random.default_rng(0).integers(0, 50, (4, 30))

    def plain(make_last):  # the layers draw their seeds in the order in which they are made
        start = [keras.Input((30,)), layers.Embedding(50, 8), Dropout(0.2)]
        stack = [layers.Conv1D(6, 5, activation="relu"), layers.MaxPooling1D(4), make_last()]
        return keras.Sequential([*start, *stack, layers.Dense(1, activation="sigmoid")])

    flat = seeded(lambda: make("conv1d", head="flatten", **shared).build(tokens(length=30)))
    gru = seeded(lambda: make("conv_rnn", cell="gru", units=3, **shared).build(tokens(length=30)))
    np.testing.assert_array_equal(flat(ids), seeded(lambda: plain(layers.Flatten))(ids))
    np.testing.assert_array_equal(gru(ids), seeded(lambda: plain(lambda: layers.GRU(3)))(ids))


def test_every_setting_of_a_stack_reaches_its_layer(make, values):
    network = make(
        "conv1d", filters=[3, 4], kernel_size=[2, 3], strides=[2, 1], padding="causal", activation="tanh",
        pool_size=[1, 2], dropout=0.1, head="global_average", dense=[5], output_dropout=0.2,
    )  # fmt: skip
    ours = seeded(lambda: network.build(values(20, 2, classes=3)))
    plain = seeded(
        lambda: keras.Sequential(
            [
                keras.Input((20, 2)),
                layers.Conv1D(3, 2, strides=2, padding="causal", activation="tanh"),
                Dropout(0.1),
                layers.Conv1D(4, 3, padding="causal", activation="tanh"),
                layers.MaxPooling1D(2),
                Dropout(0.1),
                layers.GlobalAveragePooling1D(),
                layers.Dense(5, activation="tanh"),
                Dropout(0.2),
                layers.Dense(3, activation="softmax"),
            ]
        )
    )
    x = np.random.default_rng(0).normal(size=(4, 20, 2)).astype("float32")
    np.testing.assert_array_equal(ours(x, training=True), plain(x, training=True))


def test_the_last_step_can_end_the_time_axis(make, values):
    ours = seeded(lambda: make("conv1d", filters=3, kernel_size=4, head="last").build(values(9, 2)))
    x = np.random.default_rng(0).normal(size=(4, 9, 2)).astype("float32")
    conv, output = ours.get_layer("conv1d_1"), ours.get_layer("output")
    np.testing.assert_allclose(ours(x), output(conv(x)[:, -1]), rtol=1e-6)
    moved = x + np.concatenate([np.ones((5, 2)), np.zeros((4, 2))]).astype("float32")  # before the last filter's sight
    np.testing.assert_allclose(ours(moved), ours(x), rtol=1e-6)


def can_be_built_by_keras(length, kernel_size, strides, pool_size, padding):
    """Whether plain Keras finds at least one step after two convolutions, each with pooling."""
    shape = (None, length, 2)
    try:
        for _ in range(2):
            shape = layers.Conv1D(3, kernel_size, strides=strides, padding=padding).compute_output_shape(shape)
            shape = layers.MaxPooling1D(pool_size).compute_output_shape(shape)
            if shape[1] < 1:
                return False
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("kernel_size", "strides", "pool_size"), [(7, 1, 5), (3, 2, 2), (1, 3, 4), (5, 1, 1)])
def test_a_stack_is_a_problem_exactly_where_keras_has_no_steps_left(
    make, problems_on_numbers, padding, kernel_size, strides, pool_size
):
    settings = {"kernel_size": kernel_size, "strides": strides, "pool_size": pool_size, "padding": padding}
    network = make("conv1d", filters=[3, 3], head="flatten", **settings)
    lengths = range(1, 70)
    fine = [length for length in lengths if not problems_on_numbers(network, (length, 2))]
    assert fine == [length for length in lengths if can_be_built_by_keras(length, **settings)]


def test_the_problem_names_the_key_the_convolution_and_the_steps(problems_of):
    stack = "filters: [8, 8, 8], kernel_size: 7, pool_size: 5"
    found = problems_of(f"architecture: {{name: conv1d, {stack}}}", max_len=100)
    assert found == {
        "architecture.kernel_size": "7 is more than the 2 time steps that reach it in convolution 3 "
        "(steps: 100 -> 94 -> 18 -> 12 -> 2)"
    }
    found = problems_of(f"architecture: {{name: conv_rnn, {stack}}}", max_len=10)
    assert found == {
        "architecture.pool_size": "5 is more than the 4 time steps that reach it in convolution 1 (steps: 10 -> 4)"
    }


def test_the_same_is_said_where_only_the_data_tells_the_length(make, tokens):
    with pytest.raises(ConfigError, match="convolution 1"):
        make("conv1d", kernel_size=7).accept(tokens(length=5))


def test_a_list_needs_one_number_for_each_convolution(problems_of):
    found = problems_of("architecture: {name: conv1d, filters: [8, 8], kernel_size: [3, 3, 3], pool_size: [2]}")
    assert found == {
        "architecture.kernel_size": "there must be one number, or one for each of the filters: 2, not 3",
        "architecture.pool_size": "there must be one number, or one for each of the filters: 2, not 1",
    }
