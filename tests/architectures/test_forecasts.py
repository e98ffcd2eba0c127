"""Every family that forecasts: shapes, what each forecast may have seen, and the networks of the books."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError

ONCE = [
    ("linear", {}),
    ("dense", {"units": [5, 4]}),
    ("dlinear", {"kernel_size": 3}),
    ("simple_rnn", {"units": [4, 3]}),
    ("lstm", {"units": 4, "bidirectional": True}),
    ("gru", {"units": 4, "batch_norm": True}),
    ("ln_rnn", {"units": [4, 3]}),
    ("conv1d", {"filters": 4, "kernel_size": 3, "head": "last"}),
    ("conv_rnn", {"filters": 4, "kernel_size": 3, "pool_size": 2, "units": 3, "bidirectional": True}),
    ("transformer", {"width": 4, "feed_forward": 4, "pooling": "last"}),
    ("wavenet", {"filters": 4}),
    ("wavenet", {"filters": 4, "gated": True}),
    ("sequential", {"layers": [{"name": "GRU", "units": 4}, {"name": "Dense", "units": 3}]}),
]
SEQUENCES = [
    ("simple_rnn", {"units": [4, 3]}),
    ("lstm", {"units": 4, "batch_norm": True}),
    ("gru", {"units": [4, 3], "output_dropout": 0.1}),
    ("ln_rnn", {"units": [4, 3]}),
    ("conv1d", {"filters": [4, 4], "kernel_size": 3, "padding": "causal", "pool_size": 1, "dense": [5]}),
    ("conv1d", {"filters": [4, 4], "kernel_size": [3, 2], "pool_size": [2, 1]}),
    ("conv_rnn", {"filters": 4, "kernel_size": 4, "strides": 2, "pool_size": 1, "units": 4}),
    ("conv_rnn", {"filters": [4, 4], "kernel_size": [5, 1], "strides": [3, 1], "pool_size": [2, 1], "units": 4}),
    ("conv_rnn", {"filters": 4, "kernel_size": 3, "strides": 5, "padding": "causal", "pool_size": 1, "units": 4}),
    ("transformer", {"width": 8, "layers": 2, "feed_forward": 8}),
    ("transformer", {"width": 8, "feed_forward": 8, "norm": "post", "positions": "sinusoidal"}),
    ("wavenet", {"filters": 4}),
    ("wavenet", {"filters": 4, "gated": True, "dropout": 0.1}),
    (
        "sequential",
        {
            "layers": [
                {"name": "Conv1D", "filters": 4, "kernel_size": [2], "dilation_rate": 3, "activation": "relu"},
                {"name": "AveragePooling1D", "pool_size": 5, "strides": 2},
                {"name": "GRU", "units": 4, "return_sequences": True},
                {"name": "TimeDistributed", "layer": {"name": "Dense", "units": 3}},
            ]
        },
    ),
]
TIME = 26  # a length that suits every stack above


def named(cases):
    return [pytest.param(name, settings, id=f"{name}-{number}") for number, (name, settings) in enumerate(cases)]


def seeded(build, seed=7):
    keras.utils.set_random_seed(seed)
    return build()


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def spread(model: keras.Model) -> keras.Model:
    """Weights of many sizes, so that nothing cancels out and no unit is dead for every sample."""
    draw = np.random.default_rng(3)
    model.set_weights([np.abs(draw.normal(0.3, 0.3, w.shape)) if w.ndim < 2 else draw.normal(0, 0.4, w.shape)
                       for w in model.get_weights()])  # fmt: skip
    return model


@pytest.mark.parametrize(("name", "settings"), named(ONCE))
def test_a_forecast_has_the_shape_of_its_target(make, series, name, settings):
    for forecast, shape in (("direct", (None, 6, 2)), ("iterated", (None, 1, 2))):
        spec = series(TIME, 2, targets=2, horizon=6, forecast=forecast)
        network = make(name, **settings)
        assert replace(network.refine(spec), shortest=spec.shortest) == spec
        model = network.build(spec)
        assert model.output_shape == shape
        assert model(numbers(3, TIME, 2)).shape == (3, *shape[1:])


@pytest.mark.parametrize(("name", "settings"), named(SEQUENCES))
def test_each_forecast_of_a_sequence_has_seen_its_own_step_and_none_after_it(make, series, latest_seen, name, settings):
    network = make(name, **settings)
    spec = network.refine(series(TIME, 2, targets=2, horizon=3, forecast="sequence"))
    model = spread(network.build(spec))
    assert model.output_shape == (None, len(spec.target.steps), 3, 2)
    assert latest_seen(model) == list(spec.target.steps)
    assert spec.target.steps[-1] == TIME - 1


@pytest.mark.parametrize("name", ["simple_rnn", "lstm", "gru", "ln_rnn", "transformer", "wavenet"])
def test_a_network_that_skips_no_step_forecasts_at_each(make, series, name):
    spec = series(9, forecast="sequence")
    assert make(name).refine(spec).target.steps == tuple(range(9))


@pytest.mark.parametrize(("name", "settings"), named([*ONCE, *SEQUENCES]))
def test_forecasts_are_in_32_bits_under_mixed_precision(make, series, name, settings):
    forecast = "sequence" if (name, settings) in SEQUENCES else "direct"
    network = make(name, **settings)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = network.build(network.refine(series(TIME, horizon=2, forecast=forecast)))
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32"


@pytest.mark.parametrize("name", ["linear", "dense", "ln_rnn", "wavenet"])
def test_what_reads_numbers_classifies_them_too(make, values, name):
    probabilities = make(name).build(values(TIME, 2, classes=3))(numbers(4, TIME, 2)).numpy()
    assert probabilities.shape == (4, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


# --- the books' networks ----------------------------------------------------------------------------------------------


def twin(ours: keras.Model, *chain, shape, x):
    """Asserts that plain Keras, under the same seed, builds a network of the same outputs; returns its parameters."""
    plain = seeded(lambda: keras.Sequential([keras.Input(shape), *(make_layer() for make_layer in chain)]))
    expected = plain(x).numpy()
    np.testing.assert_allclose(ours(x).numpy().reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)
    assert ours.count_params() == plain.count_params()
    return plain.count_params()


def test_one_simple_cell_is_the_forecast_itself_and_has_three_parameters(make, series):
    ours = seeded(lambda: make("simple_rnn", units=1, output_layer=False).build(series(50)))
    assert twin(ours, lambda: layers.SimpleRNN(1), shape=(50, 1), x=numbers(4, 50, 1)) == 3
    assert [layer.name for layer in ours.layers] == ["values", "simple_rnn_1", "forecast"]


def test_the_linear_and_the_dense_network_flatten_the_window(make, series):
    linear = seeded(lambda: make("linear").build(series(50, 3, horizon=2)))
    x = numbers(4, 50, 3)
    assert twin(linear, layers.Flatten, lambda: layers.Dense(2), shape=(50, 3), x=x) == 302
    dense = seeded(lambda: make("dense", units=[6, 5], activation="tanh", dropout=0.1).build(series(50, 3)))
    drop = lambda: layers.Dropout(0.1)  # noqa: E731
    hidden = [lambda: layers.Dense(6, "tanh"), drop, lambda: layers.Dense(5, "tanh"), drop]
    twin(dense, layers.Flatten, *hidden, lambda: layers.Dense(1), shape=(50, 3), x=x)
    assert [layer.name for layer in dense.layers] == [
        *("values", "flatten", "dense_1", "dropout_1", "dense_2", "dropout_2", "output", "forecast")
    ]


@pytest.mark.parametrize(("name", "cell"), [("simple_rnn", "SimpleRNN"), ("lstm", "LSTM"), ("gru", "GRU")])
def test_the_waves_sequence_networks_are_those_of_plain_keras(make, series, name, cell):
    spec = series(20, horizon=10, forecast="sequence")
    ours = seeded(lambda: make(name, units=[20, 20]).build(spec))
    one = lambda: getattr(layers, cell)(20, return_sequences=True)  # noqa: E731
    output = lambda: layers.TimeDistributed(layers.Dense(10))  # noqa: E731
    twin(ours, one, one, output, shape=(20, 1), x=numbers(4, 20, 1))


def test_the_ridership_networks_are_those_of_plain_keras(make, series):
    spec, x = series(112, 5, horizon=14, forecast="sequence"), numbers(3, 112, 5)
    network = make("conv_rnn", filters=32, kernel_size=4, strides=2, pool_size=1, cell="gru", units=32)
    refined = network.refine(spec)
    assert refined.target.steps == tuple(range(112))[3::2]  # the book's own slice of the targets
    conv = lambda: layers.Conv1D(32, 4, strides=2, activation="relu")  # noqa: E731
    gru = lambda: layers.GRU(32, return_sequences=True)  # noqa: E731
    twin(seeded(lambda: network.build(refined)), conv, gru, lambda: layers.Dense(14), shape=(112, 5), x=x)

    dilated = [
        lambda rate=rate: layers.Conv1D(32, 2, padding="causal", activation="relu", dilation_rate=rate)
        for rate in (1, 2, 4, 8) * 2
    ]
    wavenet = seeded(lambda: make("wavenet", filters=32, dilations=[1, 2, 4, 8], blocks=2).build(spec))
    twin(wavenet, *dilated, lambda: layers.Conv1D(14, 1), shape=(112, 5), x=x)


def test_the_weather_networks_are_those_of_plain_keras(make, series):
    spec, x = series(240, 14), numbers(2, 240, 14)
    conv, pool = lambda: layers.Conv1D(32, 5, activation="relu"), lambda: layers.MaxPooling1D(3)
    out = lambda: layers.Dense(1)  # noqa: E731
    network = make("conv1d", filters=[32, 32, 32], kernel_size=5, pool_size=3)
    ours = seeded(lambda: network.build(spec))
    twin(ours, conv, pool, conv, pool, conv, layers.GlobalMaxPooling1D, out, shape=(240, 14), x=x)

    network = make(
        "conv_rnn", filters=[32, 32], kernel_size=5, pool_size=[3, 1], units=32, dropout=0.1, recurrent_dropout=0.5
    )
    ours = seeded(lambda: network.build(spec))
    gru = lambda: layers.GRU(32, dropout=0.1, recurrent_dropout=0.5)  # noqa: E731
    assert twin(ours, conv, pool, conv, gru, out, shape=(240, 14), x=x) == 13_793


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "key", "reason"),
    [
        ("linear", {}, "architecture.name", "sees the whole window at once"),
        ("dense", {}, "architecture.name", "sees the whole window at once"),
        ("dlinear", {}, "architecture.name", "sees the whole window at once"),
        ("lstm", {"bidirectional": True}, "architecture.bidirectional", "reads the window backwards too"),
        (
            "conv_rnn",
            {"bidirectional": True, "kernel_size": 1, "pool_size": 1},
            "architecture.bidirectional",
            "reads the window backwards too",
        ),
        ("conv1d", {"padding": "same", "pool_size": 1}, "architecture.padding", "lets a step see what follows it"),
        ("conv1d", {"head": "last", "pool_size": 1}, "architecture.head", "ends the time axis"),
        ("transformer", {"pooling": "average"}, "architecture.pooling", "ends the time axis"),
        ("conv1d", {"filters": 3, "kernel_size": 27, "pool_size": 1}, "architecture.kernel_size", "27 is more than"),
        ("sequential", {"layers": [{"name": "GRU", "units": 2}]}, "architecture.layers.0", "return_sequences: true"),
    ],
)
def test_what_would_see_its_target_or_lose_the_steps_is_a_problem_of_a_sequence_alone(
    make, series, problems_on_numbers, name, settings, key, reason
):
    network = make(name, **settings)
    found = problems_on_numbers(network, (TIME, 1), forecast="sequence")
    assert list(found) == [key]
    assert reason in found[key]
    if key != "architecture.kernel_size":
        assert problems_on_numbers(network, (TIME, 1), forecast="direct") == {}
        network.build(series(TIME))
    with pytest.raises(ConfigError, match=reason):  # where only the data tells what is asked for
        network.accept(series(TIME, forecast="sequence"))


def simulated(length, stack, padding):
    """The last input step in the sight of each output, by going through every window of every layer."""
    steps = list(range(length))
    for kernel_size, strides, pool_size in stack:
        if padding == "causal":
            steps = [-1] * (kernel_size - 1) + steps
        steps = [max(steps[i : i + kernel_size]) for i in range(0, len(steps) - kernel_size + 1, strides)]
        steps = [max(steps[i : i + pool_size]) for i in range(0, len(steps) - pool_size + 1, pool_size)]
    return steps


@pytest.mark.parametrize("padding", ["valid", "causal"])
@pytest.mark.parametrize("stack", [[(4, 2, 1)], [(3, 1, 3)], [(5, 3, 1), (2, 2, 2)], [(1, 1, 2), (3, 2, 1), (2, 1, 1)]])
def test_the_steps_are_those_of_a_simulation_and_only_fitting_lookbacks_are_accepted(
    make, series, problems_on_numbers, stack, padding
):
    kernel_size, strides, pool_size = map(list, zip(*stack, strict=True))
    shape = {"kernel_size": kernel_size, "strides": strides, "pool_size": pool_size, "padding": padding}
    network = make("conv_rnn", filters=[2] * len(stack), units=2, **shape)

    def fits(length):
        return simulated(length, stack, padding)[-1:] == [length - 1]

    for length in range(1, 50):
        found = problems_on_numbers(network, (length, 1), forecast="sequence", step=6)
        assert (found == {}) == fits(length)
        if fits(length):
            assert list(network.refine(series(length, forecast="sequence")).target.steps) == simulated(
                length, stack, padding
            )
        elif simulated(length, stack, padding):
            shorter = next(other for other in range(length - 1, 0, -1) if fits(other))
            longer = next((other for other in range(length + 1, 2 * length) if fits(other)), None)
            offered = f"{6 * shorter} or {6 * longer}" if longer else f"{6 * shorter}"
            assert f"a lookback of {offered} would do" in found["dataset.lookback"]
            with pytest.raises(ConfigError, match="would do"):
                network.accept(series(length, forecast="sequence"))


def test_states_that_are_the_forecast_must_be_as_many(make, series, problems_on_numbers):
    network = make("gru", units=[8, 3], output_layer=False)
    assert set(problems_on_numbers(network, (9, 1), horizon=2)) == {"architecture.units"}
    assert problems_on_numbers(network, (9, 1), horizon=3) == {}
    assert problems_on_numbers(network, (9, 1), horizon=2, forecast="iterated") == {}
    with pytest.raises(ConfigError, match="the forecast, 6, and there are 3"):
        network.accept(series(9, 2, targets=2, horizon=3))
    dropped = make("gru", units=3, output_layer=False, output_dropout=0.1)
    assert set(problems_on_numbers(dropped, (9, 1), horizon=3)) == {"architecture.output_dropout"}


def test_states_are_no_probabilities(problems_of):
    found = problems_of("architecture: {name: lstm, units: 1, output_layer: false}")
    assert found == {"architecture.output_layer": "the states of a recurrent layer are no probabilities"}


CONV_GRU = "{name: conv_rnn, filters: 8, kernel_size: 4, strides: 2, pool_size: 1"


@pytest.mark.parametrize(
    ("dataset", "architecture", "told"),
    [
        ("{name: waves, forecast: sequence}", "{name: lstm, bidirectional: true}", {("architecture", "bidirectional")}),
        ("{name: waves, forecast: sequence}", "dlinear", {("architecture", "name")}),
        ("{name: ridership, forecast: sequence, lookback: 113}", f"{CONV_GRU}}}", {("dataset", "lookback")}),
        (
            "{name: ridership, forecast: sequence, lookback: 113}",
            f"{CONV_GRU}, bidirectional: true, padding: same}}",
            {("architecture", "bidirectional"), ("architecture", "padding")},
        ),
        ("{name: waves, forecast: direct, horizon: 2}", "{name: gru, output_layer: false, units: 1}", {
            ("architecture", "units")
        }),
        ("{name: ridership, forecast: sequence, lookback: 112}", f"{CONV_GRU}}}", set()),
    ],
)  # fmt: skip
def test_a_config_is_told_all_of_it_before_anything_is_read(tmp_path, dataset, architecture, told):
    config = tmp_path / "experiment.yaml"
    config.write_text(f"dataset: {dataset}\narchitecture: {architecture}\ntrainer: forecaster\n", encoding="utf-8")
    found = set()
    try:
        load_experiment(config)
    except ConfigError as error:
        found = {problem.path for problem in error.problems}
    assert found == told


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("dataset: conll\narchitecture: {name: transformer, pooling: last}\ntrainer: tagger",
         {"dataset.path", "architecture.pooling"}),
        ("dataset: {name: waves, forecast: sequence}\narchitecture: {name: gru, bidirectional: true}\ntrainer: nobody",
         {"trainer", "architecture.bidirectional"}),
        ("dataset: {name: sequences, path: a.npz}\narchitecture: {name: conv_autoencoder, output_activation: sigmoid}",
         {"trainer", "architecture.output_activation"}),
        ("dataset: {name: sequences, path: a.npz}\narchitecture: conv1d\ntrainer: nobody", {"trainer"}),
    ],
)  # fmt: skip
def test_a_mistake_elsewhere_hides_no_problem_that_can_still_be_told(tmp_path, config, told):
    path = tmp_path / "experiment.yaml"
    path.write_text(f"{config}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_experiment(path)
    assert {".".join(map(str, problem.path)) for problem in refused.value.problems} == told
