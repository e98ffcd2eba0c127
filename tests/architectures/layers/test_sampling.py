"""The variational autoencoder's codes and loss: by formula in NumPy, eagerly, and in compiled training steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.training.forward import forward_pass
from seqrun.training.program import Program
from seqrun.training.samples import Samples

TIME, FEATURES, LATENT, KL_WEIGHT, WARM_UP = 6, 2, 3, 0.7, 5
X = np.random.default_rng(0).random((70, TIME, FEATURES)).astype("float32")


@pytest.fixture
def build(make, values):
    """build(seed=1): a small network that begins with the weights and draws of that seed."""

    def build(seed: int = 1, **settings) -> keras.Model:
        keras.utils.set_random_seed(seed)
        given = {"body": {"filters": [4]}, "latent_dim": LATENT, "kl_weight": KL_WEIGHT, "kl_warmup": WARM_UP}
        return make("variational_autoencoder", **given | settings).build(values(TIME, FEATURES))

    return build


def distribution(model: keras.Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    encoder = model.get_layer("encoder")
    outputs = [encoder.get_layer(name).output for name in ("z_mean", "z_log_var")]
    return tuple(part.numpy().astype("float64") for part in keras.Model(encoder.input, outputs)(x))


def divergence(model: keras.Model, x: np.ndarray) -> float:
    """Kingma and Welling, 2014, appendix B, for each of a sample's values."""
    mean, log_variance = distribution(model, x)
    by_sample = -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance)).sum(axis=1)
    return by_sample.mean() / (TIME * FEATURES)


def steps(model: keras.Model) -> int:
    return int(model.get_layer("encoder").get_layer("code").steps.numpy())


def mse(targets, outputs, sample_weight=None):
    return tf.reduce_mean(tf.square(targets - outputs))


def test_the_loss_is_the_divergence_with_a_weight_that_grows_in_training_alone(build):
    model = build()
    full = KL_WEIGHT * divergence(model, X)
    assert full > 0
    for done in range(WARM_UP + 3):
        model(X)
        np.testing.assert_allclose(model.losses, [full], rtol=1e-5)
        model(X, training=True)
        np.testing.assert_allclose(model.losses, [full * min(1, done / WARM_UP)], rtol=1e-5)
    assert steps(model) == WARM_UP + 3


def test_without_warm_up_the_weight_is_full_from_the_first_step(build):
    model = build(kl_warmup=0)
    model(X, training=True)
    np.testing.assert_allclose(model.losses, [KL_WEIGHT * divergence(model, X)], rtol=1e-5)


def test_codes_are_drawn_in_training_and_are_the_mean_without(build):
    model = build()
    encoder = model.get_layer("encoder")
    mean, log_variance = distribution(model, X)
    np.testing.assert_allclose(encoder(X), mean, atol=1e-6)
    draws = np.concatenate([encoder(X, training=True).numpy() for _ in range(100)])
    noise = (draws - np.tile(mean, (100, 1))) / np.exp(np.tile(log_variance, (100, 1)) / 2)
    assert abs(noise.mean(axis=0)).max() < 0.05  # 7,000 draws: a standard error of 0.012
    np.testing.assert_allclose(np.cov(noise.T), np.eye(LATENT), atol=0.07)


def test_draws_are_those_of_the_seed(build):
    def draws(seed: int) -> np.ndarray:
        encoder = build(seed).get_layer("encoder")
        return np.stack([encoder(X[:4], training=True).numpy() for _ in range(2)])

    first = draws(1)
    np.testing.assert_array_equal(first, draws(1))
    assert abs(first[0] - first[1]).max() > 0.01
    assert abs(first - draws(2)).max() > 0.01


def test_compiled_steps_take_the_losses_of_eager_ones(build):
    compiled, eager = build(), build()
    program = Program(compiled, mse, keras.optimizers.SGD(0.1))
    order, batch = np.arange(70, dtype=np.int32)[::-1].copy(), 10
    losses, _ = program.train_steps(Samples(X, X), order, 0, 4, batch)
    program.evaluate(Samples(X, X))
    more, _ = program.train_steps(Samples(X, X), order, 4, 3, batch)

    optimizer, expected = keras.optimizers.SGD(0.1), []
    for rows in order.reshape(-1, batch):
        with tf.GradientTape() as tape:
            reconstruction = mse(X[rows], eager(X[rows], training=True))
            (penalty,) = eager.losses
            loss = reconstruction + penalty
        expected.append(float(loss))
        gradients = tape.gradient(loss, eager.trainable_variables)
        optimizer.apply(gradients, eager.trainable_variables)
    np.testing.assert_allclose([*losses, *more], expected, rtol=1e-5)
    assert steps(compiled) == steps(eager) == 7
    for ours, theirs in zip(compiled.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_compiled_evaluation_weighs_the_whole_divergence_and_counts_no_step(build):
    model = build()
    program = Program(model, mse, keras.optimizers.SGD(0.1))
    many = np.tile(X, (9, 1, 1))  # 630: a full evaluation batch of 512, and a part
    loss, outputs = program.evaluate(Samples(many, many))
    expected = ((outputs - many) ** 2).mean() + KL_WEIGHT * divergence(model, many)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    program.train_steps(Samples(X, X), np.arange(20, dtype=np.int32), 0, 2, 10)
    again, outputs = program.evaluate(Samples(many, many))
    assert steps(model) == 2
    np.testing.assert_allclose(again, ((outputs - many) ** 2).mean() + KL_WEIGHT * divergence(model, many), rtol=1e-5)


def test_a_forward_pass_between_training_steps_changes_nothing(build):
    def trained(look: bool) -> tuple[list[float], list[np.ndarray]]:
        model = build()
        program, order, losses = Program(model, mse, keras.optimizers.SGD(0.1)), np.arange(70, dtype=np.int32), []
        for start in (0, 3):
            losses += program.train_steps(Samples(X, X), order, start, 3, 10)[0].tolist()
            if look:
                encoder, decoder = model.get_layer("encoder"), model.get_layer("decoder")
                decoded = forward_pass(decoder)(forward_pass(encoder)(X))
                np.testing.assert_allclose(forward_pass(model)(X), decoded, atol=1e-6)
        return losses, [variable.numpy() for variable in model.variables]

    (losses, variables), (undisturbed, others) = trained(look=True), trained(look=False)
    assert losses == undisturbed
    assert all(map(np.array_equal, variables, others))


def test_the_count_and_the_draws_go_on_where_the_variables_are_restored(build):
    model, other = build(seed=1), build(seed=2)
    for _ in range(3):
        model(X, training=True)
    for ours, theirs in zip(other.variables, model.variables, strict=True):
        ours.assign(theirs.numpy())
    np.testing.assert_array_equal(other(X, training=True), model(X, training=True))
    np.testing.assert_allclose(other.losses, model.losses)
    assert steps(other) == steps(model) == 4


def test_weights_and_kerass_own_serialisation_keep_the_network(build, tmp_path):
    model, other = build(seed=1), build(seed=2)
    model(X, training=True)
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(X), model(X))
    assert steps(other) == 1
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    twin(X, training=True)
    model(X, training=True)
    np.testing.assert_allclose(twin.losses, model.losses)
