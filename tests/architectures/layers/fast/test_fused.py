"""The compiled recurrent layers give what Keras' give: outputs, states and gradients, and weights load both ways."""

from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.architectures.layers.fast import fused

BATCH, TIME, FEATURES, UNITS = 17, 6, 5, 4
MASKS = {
    "none": None,
    "end": np.arange(TIME) < np.arange(BATCH)[:, None] % TIME + 1,
    "front": np.arange(TIME) >= np.arange(BATCH)[:, None] % (TIME + 1),  # some samples have no step at all
}


OURS = (fused.LSTM, fused.GRU, fused.SimpleRNN)


def normal(seed: int, *shape: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


def twins(name: str, **options):
    """Keras' layer and the compiled one, of equal weights."""
    options = {"bias_initializer": "normal", **options}
    stock = getattr(keras.layers, name)(UNITS, **options, **({} if name == "SimpleRNN" else {"use_cudnn": False}))
    ours = getattr(fused, name)(UNITS, **options)
    for layer in (stock, ours):
        layer.build((BATCH, TIME, FEATURES))
    ours.set_weights(stock.get_weights())
    return stock, ours


def compiled(layer, initial=False):
    """Of a mask: outputs and last states, and the gradients of a loss that weighs each of their numbers differently."""
    x = normal(1, BATCH, TIME, FEATURES)
    states = [normal(2 + n, BATCH, UNITS) for n in range(2 if "LSTM" in type(layer).__name__ else 1)]

    def run(mask):
        with tf.GradientTape() as tape:
            tape.watch([x, *states])
            given = {"initial_state": states} if initial else {}
            outputs = layer(x, mask=mask, training=True, **given)
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            loss = sum(tf.reduce_sum(output * normal(9, *output.shape)) for output in outputs)
        return [*outputs, *tape.gradient(loss, [x, *layer.trainable_variables, *(states if initial else [])])]

    return tf.function(run) if isinstance(layer, OURS) else run  # Keras' own loop needs no compiling


def assert_equal(stock, ours, mask):
    mask = None if mask is None else tf.constant(mask)
    for wanted, got in zip(stock(mask), ours(mask), strict=True):
        assert np.abs(wanted - got).max() <= 1e-5 * max(np.abs(wanted).max(), 1e-6)


@pytest.fixture(scope="module")
def with_states():
    """with_states("GRU"): twins with states in and out, compiled once for all masks, and the one that is ours."""

    @cache
    def with_states(name):
        stock, ours = twins(name, return_sequences=True, return_state=True)
        return compiled(stock, initial=True), compiled(ours, initial=True), ours

    return with_states


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("mask", MASKS)
def test_outputs_states_and_gradients_are_those_of_keras(with_states, name, mask):
    stock, ours, layer = with_states(name)
    assert_equal(stock, ours, MASKS[mask])
    assert layer.path == "fused"


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
def test_the_last_output_of_a_backward_layer_without_bias(name):
    stock, ours = twins(name, go_backwards=True, use_bias=False)
    assert_equal(compiled(stock), compiled(ours), MASKS["end"])
    assert ours.path == "fused"


@pytest.mark.parametrize("sequences", [True, False])
def test_both_directions_at_once(sequences):
    found = []
    for layers in (keras.layers, fused):
        keras.utils.set_random_seed(5)
        layer = layers.Bidirectional(layers.GRU(UNITS, return_sequences=sequences))
        found.append(layer(normal(1, BATCH, TIME, FEATURES), mask=tf.constant(MASKS["end"]), training=True).numpy())
    assert np.abs(found[0] - found[1]).max() < 1e-6
    assert [layer.forward_layer.path, layer.backward_layer.path] == ["fused", "fused"]


def test_eagerly_a_tape_gets_the_same_gradients_and_a_second_order_is_refused():
    stock, ours = twins("GRU")
    x = normal(1, BATCH, TIME, FEATURES)
    found = []
    for layer in (stock, ours):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, training=True) ** 2)
        found.append(tape.gradient(loss, layer.trainable_variables))
    for wanted, got in zip(*found, strict=True):
        assert np.abs(wanted - got).max() <= 1e-5 * np.abs(wanted).max()
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = tf.reduce_sum(ours(x, training=True))
        penalty = tf.reduce_sum(inner.gradient(loss, ours.cell.kernel) ** 2)
    with pytest.raises(NotImplementedError, match="no second-order gradients"):
        outer.gradient(penalty, ours.cell.kernel)


@pytest.mark.parametrize("shape", [(BATCH, TIME, 1), (1, TIME)])
def test_masks_may_be_numbers_of_any_shape_that_keras_takes(shape):
    stock, ours = twins("SimpleRNN", return_sequences=True)
    x, mask = normal(1, BATCH, TIME, FEATURES), MASKS["end"].astype(np.int32)[..., None]
    mask = tf.constant(mask if len(shape) == 3 else mask[2:3, :, 0])
    assert np.abs(stock(x, mask=mask, training=True) - ours(x, mask=mask, training=True)).max() < 1e-6


def test_dropout_drops_what_keras_drops():
    stock, ours = twins("LSTM", dropout=0.5, seed=7)
    x = normal(1, BATCH, TIME, FEATURES)
    assert np.abs(stock(x, training=True).numpy() - ours(x, training=True).numpy()).max() < 1e-6
    assert np.abs(ours(x, training=True).numpy() - ours(x, training=False).numpy()).max() > 1e-3


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"recurrent_dropout": 0.2}, "keras: recurrent_dropout"),
        ({"activation": "relu"}, "keras: activation relu"),
        ({"recurrent_activation": "hard_sigmoid"}, "keras: recurrent_activation hard_sigmoid"),
        ({"reset_after": False}, "keras: reset_after is false"),
        ({"dtype": "mixed_bfloat16"}, "keras: bfloat16 arithmetic"),
    ],
)
def test_what_the_loops_cannot_do_is_left_to_keras_and_said(options, reason):
    layer = fused.GRU(UNITS, **options)
    layer(normal(1, BATCH, TIME, FEATURES), training=True)
    assert layer.path == reason


def test_a_batch_of_unknown_size_is_left_to_keras_and_said():
    stock, ours = twins("GRU")
    unknown = tf.TensorSpec((None, TIME, FEATURES))
    trained = tf.function(lambda x: ours(x, training=True), input_signature=[unknown])
    x = normal(1, BATCH, TIME, FEATURES)
    np.testing.assert_allclose(trained(x), stock(x), atol=1e-6)
    assert ours.path == "keras: a size that is not known in advance"


def test_a_saved_network_loads_in_plain_keras_and_back(tmp_path):
    def network(layers):
        return keras.Sequential([keras.Input((TIME, FEATURES)), layers.LSTM(UNITS, name="lstm"), keras.layers.Dense(1)])

    ours, plain = network(fused), network(keras.layers)
    x = normal(1, BATCH, TIME, FEATURES)
    ours.save_weights(tmp_path / "ours.weights.h5")
    plain.load_weights(tmp_path / "ours.weights.h5")
    assert np.abs(ours(x, training=True).numpy() - plain(x).numpy()).max() < 1e-6
    ours.save(tmp_path / "whole.keras")
    again = keras.models.load_model(tmp_path / "whole.keras")
    assert np.array_equal(again(x, training=True), ours(x, training=True))


def test_the_ways_taken_are_told_for_each_layer_of_each_part():
    encoder = keras.Sequential([keras.Input((TIME, FEATURES)), fused.LSTM(UNITS, name="lstm")], name="encoder")
    layers = [fused.GRU(UNITS, activation="relu", return_sequences=True, name="gru"), fused.LSTM(UNITS, name="lstm")]
    decoder = keras.Sequential([keras.Input((UNITS,)), keras.layers.RepeatVector(TIME), *layers], name="decoder")
    network = keras.Sequential([encoder, decoder])
    assert fused.paths(network) == {}
    network(normal(1, BATCH, TIME, FEATURES), training=True)
    assert fused.paths(network) == {
        "encoder/lstm": "fused",
        "decoder/gru": "keras: activation relu",
        "decoder/lstm": "fused",
    }


def test_layers_of_one_name_in_two_wrappers_are_told_apart():
    def both(name, **options):
        return fused.Bidirectional(fused.LSTM(UNITS, return_sequences=True, name="lstm", **options), name=name)

    network = keras.Sequential([keras.Input((TIME, FEATURES)), both("first"), both("second", unroll=True)])
    network(normal(1, BATCH, TIME, FEATURES), training=True)
    ways = {"first": "fused", "second": "keras: unroll"}
    wanted = {f"{part}/{side}_lstm": way for part, way in ways.items() for side in ("forward", "backward")}
    assert fused.paths(network) == wanted


@pytest.mark.parametrize(("name", "backwards"), [("LSTM", False), ("GRU", True), ("SimpleRNN", True)])
def test_a_repeated_vector_is_projected_once(name, backwards):
    stock, ours = twins(name, return_sequences=True, go_backwards=backwards)
    code, read = normal(1, BATCH, FEATURES), []

    def gradients(repeat, layer):
        def run(code):
            with tf.GradientTape() as tape:
                tape.watch(code)
                outputs = layer(repeat(code), training=True)
                loss = tf.reduce_sum(outputs * normal(9, *outputs.shape))
            return [outputs, *tape.gradient(loss, [code, *layer.trainable_variables])]

        return (tf.function(run) if isinstance(layer, OURS) else run)(code)

    recurrence = ours._recurrence
    ours._recurrence = lambda x, *arguments, **options: read.append(x.shape) or recurrence(x, *arguments, **options)
    wanted, got = gradients(keras.layers.RepeatVector(TIME), stock), gradients(fused.RepeatVector(TIME), ours)
    for one, other in zip(wanted, got, strict=True):
        assert np.abs(one - other).max() <= 1e-5 * np.abs(one).max()
    assert set(read) == {(BATCH, FEATURES)}


def test_what_changes_a_repeated_vector_is_read_step_by_step():
    repeated = fused.RepeatVector(TIME)(normal(1, BATCH, FEATURES))
    stock, ours = twins("LSTM")
    np.testing.assert_allclose(ours(repeated * 2.0, training=True), stock(repeated * 2.0), atol=1e-6)
    dropping = fused.LSTM(UNITS, dropout=0.5, seed=1)
    kept = keras.layers.LSTM(UNITS, dropout=0.5, seed=1, use_cudnn=False)
    for layer in (dropping, kept):
        layer.build(repeated.shape)
    kept.set_weights(dropping.get_weights())
    np.testing.assert_allclose(dropping(repeated, training=True), kept(repeated, training=True), atol=1e-6)
