"""A list of Keras layers written in YAML: what it builds, and what is found before Keras is imported."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.architectures.layers.fast.dropout import Dropout
from seqrun.errors import ConfigError

EMBEDDING = "{name: Embedding, output_dim: 4}"


def written(*lines: str) -> str:
    return "architecture:\n  name: sequential\n  layers:\n" + "".join(f"    - {line}\n" for line in lines)


def seeded(build):
    keras.utils.set_random_seed(7)
    return build()


def test_it_is_the_network_that_plain_keras_builds_from_the_same_layers(make, tokens):
    network = make(
        "sequential",
        layers=[
            {"name": "Embedding", "input_dim": 60, "output_dim": 6, "mask_zero": True},
            {"name": "Bidirectional", "layer": {"name": "LSTM", "units": 5, "return_sequences": True}},
            {"name": "TimeDistributed", "layer": {"name": "Dense", "units": 4, "activation": "relu"}},
            "GlobalAvgPool1D",
            {"name": "Dense", "units": 3, "kernel_regularizer": {"name": "l2", "l2": 0.5}},
            {"name": "Dropout", "rate": 0.2},
        ],
    )
    ours = seeded(lambda: network.build(tokens()))
    plain = seeded(
        lambda: keras.Sequential(
            [
                keras.Input((12,)),
                layers.Embedding(60, 6, mask_zero=True),
                layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
                layers.TimeDistributed(layers.Dense(4, activation="relu")),
                layers.GlobalAvgPool1D(),
                layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.5)),
                Dropout(0.2),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
    )
    ids = np.random.default_rng(0).integers(0, 50, (4, 12))
    np.testing.assert_array_equal(ours(ids, training=True), plain(ids, training=True))
    np.testing.assert_array_equal(ours.losses, plain.losses)


def test_layers_have_readable_names_of_their_own(make, tokens):
    dense = {"name": "Dense", "units": 3}
    network = make("sequential", layers=[{"name": "Embedding", "output_dim": 4}, "Flatten", dense, dense])
    model = network.build(tokens(size=30))
    assert [layer.name for layer in model.layers][1:] == ["embedding", "flatten", "dense_1", "dense_2", "output"]
    assert model.get_layer("embedding").input_dim == 30  # the vocabulary's size


@pytest.mark.parametrize(
    ("layer", "key", "complaint"),
    [
        ("Embeding", "1", "unknown layer 'Embeding' (did you mean Embedding?)"),
        ("lstm", "1", "unknown layer 'lstm' (did you mean LSTM?)"),
        ("Lambda", "1", "Lambda cannot stand here: it runs code that a config cannot hold"),
        ("Add", "1", "Add cannot stand here: it takes several inputs, and a list of layers is one chain"),
        ("LSTM", "1", "LSTM needs units"),
        ("3", "1", "a layer is a name or a mapping with a name, not 3"),
        ("{units: 3}", "1", "has no name; a layer is written {name: LSTM, units: 32}"),
        ("{name: LSTM, units: 3, unit: 3}", "1.unit", "unknown argument of LSTM (did you mean units?)"),
        ("{name: LSTM, units: many}", "1.units", "should be a whole number of at least 1, not 'many'"),
        ("{name: LSTM, units: true}", "1.units", "should be a whole number of at least 1, not True"),
        ("{name: LSTM, units: 3, return_sequences: 1}", "1.return_sequences", "should be true or false, not 1"),
        ("{name: Dropout, rate: 20}", "1.rate", "should be a number from 0 to 1, not 20"),
        ("{name: GRU, units: 3, activation: rleu}", "1.activation", "unknown activation 'rleu' (did you mean relu?)"),
        (
            "{name: Dense, units: 3, kernel_initializer: {name: he_norml}}",
            "1.kernel_initializer.name",
            "unknown initializer 'he_norml' (did you mean he_normal?)",
        ),
        (
            "{name: Dense, units: 3, kernel_regularizer: {name: l2, l3: 1}}",
            "1.kernel_regularizer.l3",
            "unknown argument of l2",
        ),
        (
            "{name: Dense, units: 3, kernel_regularizer: {name: l2, l2: a}}",
            "1.kernel_regularizer.l2",
            "should be a number, not 'a'",
        ),
        ("{name: LSTM, units: 3, bias_initializer: constant}", "1.bias_initializer", "constant needs value"),
        (
            "{name: LSTM, units: 3, bias_initializer: {name: zeros, value: 1}}",
            "1.bias_initializer.value",
            "unknown argument of zeros",
        ),
        (
            "{name: Dense, units: 3, kernel_constraint: {name: MaxNorm, max_value: x}}",
            "1.kernel_constraint.max_value",
            "should be a number, not 'x'",
        ),
        (
            "{name: Conv1D, filters: 3, kernel_size: [3, x]}",
            "1.kernel_size",
            "should be a whole number of at least 1, or a list of them, not [3, 'x']",
        ),
        (
            "{name: Bidirectional, layer: {name: LSTM, units: -1}}",
            "1.layer.units",
            "should be a whole number of at least 1, not -1",
        ),
        (
            "{name: Dense, units: 1, activation: sigmoid}",
            "1",
            "leave the sigmoid Dense out: seqrun adds the output layer that the dataset's classes need",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(problems_of, layer, key, complaint):
    assert problems_of(written(EMBEDDING, layer)) == {f"architecture.layers.{key}": complaint}


def test_all_mistakes_are_told_at_once(problems_of):
    layers = ("{name: Embedding, outputdim: 4}", "lstm", "{name: Dropout, rate: 2, sed: 3}", "Softmax")
    found = problems_of(written(*layers))
    assert set(found) == {
        "architecture.layers.0.outputdim",
        "architecture.layers.1",
        "architecture.layers.2.rate",
        "architecture.layers.2.sed",
        "architecture.layers.3",
    }


LSTM, SEQUENCE = "{name: LSTM, units: 3}", "{name: LSTM, units: 3, return_sequences: true}"
CONV = "{name: Conv1D, filters: 3, kernel_size: 2}"


@pytest.mark.parametrize(
    ("chain", "place", "complaint"),
    [
        ([LSTM], 0, "put an Embedding first"),
        ([EMBEDDING, LSTM, LSTM], 2, "return_sequences: true"),
        ([EMBEDDING, "Flatten", CONV], 2, r"Conv1D reads (time, features) a sample, and (features) reaches it"),
        ([EMBEDDING, SEQUENCE], 1, "end with a pooling layer"),
        ([EMBEDDING, LSTM, EMBEDDING], 2, "no token ids reach it"),
    ],
)
def test_layers_that_cannot_follow_each_other_are_a_problem(problems_of, chain, place, complaint):
    ((key, message),) = problems_of(written(*chain)).items()
    assert key == f"architecture.layers.{place}"
    assert complaint in message


@pytest.mark.parametrize(
    "chain",
    [
        [EMBEDDING, LSTM],
        [EMBEDDING, SEQUENCE, f"{{name: Bidirectional, layer: {LSTM}}}", "{name: Dense, units: 2}"],
        [EMBEDDING, CONV, "{name: MaxPooling1D, pool_size: 2}", "BatchNormalization", "Flatten"],
        [EMBEDDING, "{name: Reshape, target_shape: [12, 2, 2]}", "{name: Conv2D, filters: 2, kernel_size: 2}",
         "GlobalMaxPooling2D", "{name: RepeatVector, n: 3}", "{name: TimeDistributed, layer: Flatten}",
         "{name: GRU, units: 2}"],
    ],
)  # fmt: skip
def test_layers_that_follow_each_other_are_valid_and_can_be_built(problems_of, make, tokens, chain):
    import yaml

    assert problems_of(written(*chain), max_len=12) == {}
    model = make("sequential", layers=[yaml.safe_load(layer) for layer in chain]).build(tokens())
    assert model.output_shape == (None, 1)


def test_what_only_keras_can_tell_is_told_in_its_words(make, tokens):
    network = make(
        "sequential", layers=[{"name": "Embedding", "output_dim": 4}, {"name": "Reshape", "target_shape": [5]}]
    )
    with pytest.raises(ConfigError, match=r"architecture\.layers\.1: Keras refuses Reshape: .*"):
        network.build(tokens())


def test_an_embedding_smaller_than_the_vocabulary_is_an_error(make, tokens):
    network = make("sequential", layers=[{"name": "Embedding", "input_dim": 10, "output_dim": 4}, "Flatten"])
    with pytest.raises(
        ConfigError, match=r"architecture\.layers\.0\.input_dim: is 10, and the vocabulary has 50 tokens"
    ):
        network.accept(tokens())


def test_an_embedding_smaller_than_a_vocabulary_of_known_size_is_found_before_the_run(problems_of):
    embedding = "{name: Embedding, input_dim: %d, output_dim: 4}"
    found = problems_of(written(embedding % 10, "Flatten"))
    assert found == {"architecture.layers.0.input_dim": "is 10, and the vocabulary has 50 tokens"}
    assert problems_of(written(embedding % 50, "Flatten")) == {}


def test_layers_are_checked_without_keras():
    code = (
        "import sys; from seqrun.architectures.sequential import Sequential\n"
        "Sequential(layers=[{'name': 'LSTM', 'units': 3}])\n"
        "assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
