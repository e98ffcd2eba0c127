"""The layer-normalised recurrent network, against its equations in NumPy."""

import keras
import numpy as np


def by_hand(x, kernel, recurrent, bias, gamma, beta, epsilon=1e-3):
    """Every state, (batch, time, units): tanh(norm(W x + U h + b)), the norm over the units."""
    state, states = np.zeros((len(x), len(bias))), []
    for step in range(x.shape[1]):
        total = x[:, step] @ kernel + state @ recurrent + bias
        mean, variance = total.mean(axis=1, keepdims=True), total.var(axis=1, keepdims=True)
        state = np.tanh(gamma * (total - mean) / np.sqrt(variance + epsilon) + beta)
        states.append(state)
    return np.stack(states, axis=1)


def randomised(model):
    draw = np.random.default_rng(1)
    model.set_weights([draw.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def test_the_states_are_those_of_the_equations(make, series):
    spec = series(7, 2, horizon=3, forecast="sequence")
    model = randomised(make("ln_rnn", units=[5, 4]).build(spec))
    x = np.random.default_rng(0).normal(size=(6, 7, 2)).astype("float32")
    states = x
    for number in (1, 2):
        cell = model.get_layer(f"ln_rnn_{number}").cell
        weights = (cell.kernel, cell.recurrent_kernel, cell.bias, cell.norm.gamma, cell.norm.beta)
        states = by_hand(states, *(weight.numpy() for weight in weights))
    kernel, bias = model.get_layer("output").get_weights()
    expected = (states @ kernel + bias).reshape(6, 7, 3, 1)
    np.testing.assert_allclose(model(x).numpy(), expected, rtol=1e-4, atol=1e-5)

    last = make("ln_rnn", units=[5, 4]).build(series(7, 2, horizon=3))
    last.set_weights(model.get_weights())
    np.testing.assert_allclose(last(x).numpy(), expected[:, -1], rtol=1e-4, atol=1e-5)


def test_a_layer_has_the_parameters_of_a_simple_cell_and_of_the_norm(make, series):
    model = make("ln_rnn", units=[20, 20]).build(series(50, horizon=10, forecast="sequence"))
    cells = (1 * 20 + 20 * 20 + 20) + (20 * 20 + 20 * 20 + 20)
    assert model.count_params() == cells + 2 * (20 + 20) + (20 * 10 + 10)


def test_dropout_is_drawn_anew_for_each_batch_and_only_in_training(make, series):
    model = make("ln_rnn", units=8, dropout=0.5, recurrent_dropout=0.2).build(series(6, 3))
    x = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")
    one, other = (model(x, training=True).numpy() for _ in range(2))
    assert abs(one - other).max() > 1e-3
    np.testing.assert_array_equal(model(x, training=False), model(x, training=False))


def test_the_network_survives_kerass_own_serialisation(make, series):
    model = make("ln_rnn", units=4, activation="relu", dropout=0.1).build(series(6, 3))
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")
    np.testing.assert_array_equal(model(x), twin(x))
