"""Lists of Keras layers that forecast at every step: only layers that do not look ahead are let through."""

import pytest

from seqrun.architectures.layers.written.signatures import layer_names, signature
from seqrun.errors import ConfigError

REQUIRED = {
    "units": 3, "filters": 3, "kernel_size": 3, "rate": 0.1, "output_size": 2, "layer": {"name": "Dense", "units": 3},
    "activation": "relu", "dims": [2, 1], "n": 2, "scale": 2, "stddev": 0.1, "target_shape": [12, 2], "input_dim": 5,
    "output_dim": 3, "pool_size": 2, "size": 2, "output_shape": [None, 3], "equation": "abc,cd->abd",
}  # fmt: skip
MORE = [
    {"name": "Conv1D", "filters": 3, "kernel_size": 3, "padding": "same"},
    {"name": "Conv1D", "filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": [2]},
    {"name": "Conv1D", "filters": 3, "kernel_size": 2, "strides": 2},
    {"name": "Conv1D", "filters": 12, "kernel_size": 1, "data_format": "channels_first"},
    {"name": "DepthwiseConv1D", "kernel_size": 4, "strides": 2},
    {"name": "SeparableConv1D", "filters": 3, "kernel_size": 3, "dilation_rate": 2},
    {"name": "MaxPooling1D", "pool_size": 4, "strides": 2},
    {"name": "AveragePooling1D", "pool_size": 3, "padding": "same"},
    {"name": "LayerNormalization", "axis": 1},
    {"name": "LayerNormalization", "axis": [1, 2]},
    {"name": "Softmax", "axis": 1},
    {"name": "GRU", "units": 3, "return_sequences": True, "go_backwards": True},
    {"name": "LSTM", "units": 3, "return_sequences": True},
    {"name": "SpectralNormalization", "layer": {"name": "Conv1D", "filters": 3, "kernel_size": 2}},
    {"name": "SpectralNormalization", "layer": {"name": "Conv1D", "filters": 3, "kernel_size": 2, "padding": "same"}},
    {"name": "Bidirectional", "layer": {"name": "GRU", "units": 3, "return_sequences": True}},
]
TIME = 12


def every_layer():
    for name in layer_names():
        arguments = {key: REQUIRED[key] for key in signature(name).required}
        if "return_sequences" in signature(name).arguments:
            arguments["return_sequences"] = True
        yield {"name": name, **arguments}


def test_no_layer_of_keras_that_looks_ahead_is_let_through(make, series, problems_on_numbers, latest_seen):
    after = {"name": "Dense", "units": 3}  # so that a Softmax may stand before it
    let_through = set()
    for layer in [*every_layer(), *MORE]:
        network = make("sequential", layers=[layer, after])
        if problems_on_numbers(network, (TIME, 2), forecast="sequence"):
            continue
        spec = series(TIME, 2, horizon=2, forecast="sequence")
        try:
            spec = network.refine(spec)
        except ConfigError as error:
            pytest.fail(f"{layer}: valid at first, then {error}")
        assert latest_seen(network.build(spec)) == list(spec.target.steps), layer
        let_through.add(layer["name"])
    assert let_through >= {"GRU", "LSTM", "SimpleRNN", "Dense", "Dropout", "LayerNormalization", "TimeDistributed"}
    assert let_through >= {"Conv1D", "SeparableConv1D", "DepthwiseConv1D", "MaxPooling1D", "AveragePooling1D"}
    assert not let_through & {"Bidirectional", "GroupNormalization", "UpSampling1D", "Permute", "Flatten", "Conv2D"}


def test_a_mistake_is_told_at_its_layer_and_only_for_a_sequence(make, problems_on_numbers):
    both_ways = {"name": "Bidirectional", "layer": {"name": "GRU", "units": 3, "return_sequences": True}}
    network = make("sequential", layers=[{"name": "Dense", "units": 3}, both_ways])
    found = problems_on_numbers(network, (TIME, 2), forecast="sequence")
    assert list(found) == ["architecture.layers.1"]
    assert "would see the values that it is to forecast" in found["architecture.layers.1"]

    network = make("sequential", layers=[both_ways, {"name": "GRU", "units": 3}])
    assert problems_on_numbers(network, (TIME, 2), forecast="direct") == {}


def test_a_chain_that_ends_before_the_window_names_the_lookback_that_would_do(make, problems_on_numbers):
    network = make("sequential", layers=[{"name": "Conv1D", "filters": 2, "kernel_size": 4, "strides": 2}, "ReLU"])
    assert problems_on_numbers(network, (112, 1), forecast="sequence") == {}
    found = problems_on_numbers(network, (113, 1), forecast="sequence")
    assert "a lookback of 112 or 114 would do" in found["dataset.lookback"]
