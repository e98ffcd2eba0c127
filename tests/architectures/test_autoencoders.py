"""Autoencoders: their two parts by the equations and against plain Keras, lengths, padding, what a config may say."""

import warnings

import keras
import numpy as np
import pytest

from seqrun.components.padding import PADDING
from seqrun.components.targets import ClassTarget, Reconstruction

DROPOUTS = {"input_dropout": 0.3, "code_dropout": 0.2, "decoder_dropout": 0.1}
KINDS = [
    pytest.param("lstm_autoencoder", {"units": [6, 4], "batch_norm": True}, id="lstm"),
    pytest.param("lstm_autoencoder", {"units": 5, "bidirectional": True}, id="bilstm"),
    pytest.param("conv_autoencoder", {"filters": [6, 4], "kernel_size": 3, "strides": [3, 2]}, id="conv"),
    pytest.param("variational_autoencoder", {"body": {"name": "lstm", "units": 5}}, id="variational-lstm"),
    pytest.param("variational_autoencoder", {"body": {"name": "conv", "filters": [6, 4]}}, id="variational-conv"),
]


def lstm(inputs: int, units: int) -> int:
    return 4 * (inputs * units + units * units + units)


def dense(inputs: int, units: int) -> int:
    return inputs * units + units


def parts(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    return model.get_layer("encoder"), model.get_layer("decoder")


def samples(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


# --- the layers -------------------------------------------------------------------------------------------------------


def test_the_book_s_networks_have_their_published_numbers_of_parameters(make, values):
    small = {"units": 28, "latent_dim": 2, "batch_norm": True, "input_dropout": 0.1, "code_dropout": 0.1}
    assert make("lstm_autoencoder", **small).build(values(28, 28)).count_params() == 10_950
    large = {**small, "latent_dim": 100, "bidirectional": True, "decoder_dropout": 0.1}
    model = make("lstm_autoencoder", **large).build(values(28, 28))
    assert [model.count_params(), *(part.count_params() for part in parts(model))] == [49_408, 18_692, 30_716]


def test_the_decoder_mirrors_a_stack_of_lstm_layers(make, values):
    encoder, decoder = parts(make("lstm_autoencoder", units=[6, 4], latent_dim=3).build(values(5, 2)))
    assert encoder.count_params() == lstm(2, 6) + lstm(6, 4) + dense(4, 3)
    assert decoder.count_params() == lstm(3, 4) + lstm(4, 6) + dense(6, 2)


def test_the_decoder_mirrors_convolutions(make, values):
    settings = {"filters": [6, 4], "kernel_size": [5, 3], "strides": [2, 3], "latent_dim": 7}
    encoder, decoder = parts(make("conv_autoencoder", **settings).build(values(12, 2)))
    assert encoder.count_params() == dense(5 * 2, 6) + dense(3 * 6, 4) + dense(2 * 4, 7)
    assert decoder.count_params() == dense(7, 2 * 4) + (3 * 4 * 4 + 4) + (5 * 4 * 6 + 6) + dense(6, 2)


def test_a_variational_encoder_has_two_code_layers_and_a_count_of_warm_up_steps(make, values):
    body = {"name": "lstm", "units": 5}
    encoder, _ = parts(make("variational_autoencoder", body=body, latent_dim=3).build(values(6, 2)))
    assert encoder.count_params() == lstm(2, 5) + 2 * dense(5, 3)
    warming, _ = parts(make("variational_autoencoder", body=body, latent_dim=3, kl_warmup=9).build(values(6, 2)))
    assert warming.count_params() == encoder.count_params() + 1
    assert len(warming.trainable_weights) == len(encoder.trainable_weights)


def test_the_network_is_the_book_s_in_plain_keras(make, values):
    settings = {"units": 5, "latent_dim": 3, "bidirectional": True, "batch_norm": True}
    model = make("lstm_autoencoder", code_activation="sigmoid", output_activation="sigmoid", **settings).build(
        values(7, 2)
    )
    layers = keras.layers
    plain = keras.Sequential(
        [
            keras.Input((7, 2)),
            layers.Bidirectional(layers.LSTM(5)),
            layers.BatchNormalization(),
            layers.Dense(3, activation="sigmoid"),
            layers.RepeatVector(7),
            layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
            layers.BatchNormalization(),
            layers.TimeDistributed(layers.Dense(2, activation="sigmoid")),
        ]
    )
    draw = np.random.default_rng(1)
    plain.set_weights([abs(draw.normal(0.3, 0.2, weight.shape)) for weight in plain.get_weights()])
    # Keras lists a model's trainable weights before the others; layers come in the same order in both.
    for ours, theirs in zip(model.trainable_weights, plain.trainable_weights, strict=True):
        ours.assign(theirs)
    for ours, theirs in zip(model.non_trainable_weights, plain.non_trainable_weights, strict=True):
        ours.assign(theirs)
    x = samples(4, 7, 2)
    np.testing.assert_allclose(model(x), plain(x), rtol=1e-4, atol=1e-6)


def test_each_dropout_acts_where_it_says(make, values):
    x, spec = samples(64, 6, 4), values(6, 4)

    def varies(dropout: str) -> tuple[bool, bool]:
        encoder, decoder = parts(make("lstm_autoencoder", units=4, latent_dim=3, **{dropout: 0.5}).build(spec))
        code = encoder(x)
        pairs = [[part(given, training=True).numpy() for _ in "12"] for part, given in ((encoder, x), (decoder, code))]
        return tuple(abs(one - other).max() > 1e-4 for one, other in pairs)

    assert varies("input_dropout") == varies("code_dropout") == (True, False)
    assert varies("decoder_dropout") == (False, True)


@pytest.mark.parametrize(("name", "settings"), KINDS)
def test_the_network_decodes_what_it_encodes(make, values, name, settings):
    model = make(name, latent_dim=3, **DROPOUTS, **settings).build(values(7, 2))
    encoder, decoder = parts(model)
    x = samples(5, 7, 2)
    code = encoder(x)
    assert code.shape == (5, 3)
    assert model.output_shape == (None, 7, 2)
    np.testing.assert_allclose(model(x), decoder(code), atol=1e-6)
    assert abs(model(x, training=True).numpy() - model(x).numpy()).max() > 1e-3


@pytest.mark.parametrize("time", range(1, 14))
def test_convolutions_reconstruct_samples_of_any_length(make, values, time):
    model = make("conv_autoencoder", filters=[4, 3, 2], kernel_size=3, strides=[2, 3, 1]).build(values(time, 2))
    assert model(samples(2, time, 2)).shape == (2, time, 2)


@pytest.mark.parametrize(("name", "settings"), KINDS)
def test_codes_and_reconstructions_have_32_bits_under_mixed_precision(make, values, name, settings):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = make(name, **settings).build(values(6, 2))
    finally:
        keras.config.set_dtype_policy(before)
    encoder, _ = parts(model)
    assert encoder(samples(2, 6, 2)).dtype == model(samples(2, 6, 2)).dtype == "float32"


@pytest.mark.parametrize(("name", "settings"), KINDS)
def test_padding_has_no_effect_on_the_code(make, ragged, name, settings):
    time, length = 19, 7  # a difference that the strides divide, so that the filters stand on the same steps

    def encoder(steps: int) -> keras.Model:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Keras' where a layer ends a mask
            return parts(make(name, latent_dim=3, **settings).build(ragged(steps, 2)))[0]

    model, bare = encoder(time), encoder(length)
    draw = np.random.default_rng(2)
    model.set_weights([abs(draw.normal(0.4, 0.2, weight.shape)) for weight in model.get_weights()])
    # A dense layer on the steps of the convolutions has fewer inputs where there are fewer steps.
    bare.set_weights([w[: b.shape[0]] for w, b in zip(model.get_weights(), bare.get_weights(), strict=True)])
    x = samples(2, time, 2)
    x[0, length:] = PADDING
    short, full = model(x).numpy()
    np.testing.assert_allclose(bare(x[:1, :length])[0], short, rtol=1e-4)
    assert abs(full - short).max() > 1e-3


# --- the target and the config ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lstm_autoencoder", "conv_autoencoder", "variational_autoencoder"])
def test_the_target_becomes_the_input_and_keeps_the_classes(make, values, name):
    labelled = make(name).refine(values(6, 2, classes=3))
    assert labelled.target == Reconstruction(("bad", "fair", "good"))
    assert make(name).refine(labelled) == labelled
    assert isinstance(values(6, 2).target, ClassTarget)
    assert labelled.input_shape == (6, 2)


@pytest.fixture
def problems(tmp_path, told_of):
    """problems("architecture: ...", scaler="minmax"): what validation finds, as {dotted key: message}."""

    def problems(architecture: str, scaler: str | None = None) -> dict[str, str]:
        file = tmp_path / "data.npz"
        np.savez(file, x=np.zeros((20, 6, 2)))
        dataset = f"{{name: sequences, path: {file}, scaler: {scaler}}}" if scaler else "mnist"
        config = tmp_path / "experiment.yaml"
        config.write_text(f"dataset: {dataset}\n{architecture}\ntrainer: autoencoder\n", encoding="utf-8")
        return told_of(config)

    return problems


@pytest.mark.parametrize("name", ["lstm_autoencoder", "conv_autoencoder", "variational_autoencoder"])
def test_a_sigmoid_output_is_refused_where_values_are_standardised(problems, name):
    architecture = f"architecture: {{name: {name}, output_activation: sigmoid}}"
    (message,) = problems(architecture, scaler="standard").values()
    assert "minmax" in message
    assert "linear" in message
    assert problems(architecture, scaler="minmax") == problems(architecture) == {}
    assert problems(f"architecture: {name}", scaler="standard") == {}


def test_a_body_has_the_settings_of_its_name_alone(problems):
    found = problems("architecture: {name: variational_autoencoder, body: {name: lstm, filters: 8}}")
    assert "unknown key" in found["architecture.body.filters"]
    found = problems("architecture: {name: variational_autoencoder, body: lstn}")
    assert "did you mean lstm" in found["architecture.body"]
    assert problems("architecture: {name: variational_autoencoder, body: lstm}") == {}
    assert problems("architecture: {name: variational_autoencoder, body: {strides: 1}}") == {}
    found = problems("architecture: {name: conv_autoencoder, filters: [8, 8], strides: [2, 2, 2]}")
    assert "2, not 3" in found["architecture.strides"]
