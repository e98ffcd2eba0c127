"""The autoencoder: losses and errors of real steps alone, codes, anomaly scores, and what it refuses to train."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from seqrun.architectures.variational_autoencoder import VariationalAutoencoder
from seqrun.components.base import Architecture
from seqrun.components.outcome import Outcome
from seqrun.components.padding import PADDING
from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import ClassTarget, Reconstruction
from seqrun.config.experiment import load_experiment
from seqrun.datasets.samples.encoding import decode_values
from seqrun.errors import ConfigError, UsageError
from seqrun.tasks.reconstruction import coding
from seqrun.tasks.reconstruction.anomaly import Anomaly
from seqrun.tasks.reconstruction.fit import reconstruction_loss
from seqrun.tasks.reconstruction.latent import Latent
from seqrun.tasks.reconstruction.neighbours import neighbour_agreement
from seqrun.tasks.reconstruction.trainer import Autoencoder
from seqrun.training.samples import ReconstructionSamples

TIME = 12
OFFSET, SCALE = (20.0, 1000.0), (5.0, 30.0)
CLASSES = ("sine", "square wave", "ramp")


def waves(samples: int = 200, *, labelled: bool = True, padded: bool = True) -> Splits:
    """Three kinds of waves with two features, the second of another size, ragged unless `padded` is false."""
    random = np.random.default_rng(0)
    kinds = random.integers(0, 3, samples).astype(np.int32)
    lengths = random.integers(5, TIME + 1, samples) if padded else np.full(samples, TIME)
    lengths[0] = TIME
    steps = np.arange(TIME)
    forms = np.stack([np.sin(steps / 2), np.sign(np.sin(steps / 3 + 0.5)), steps / 6 - 1])
    inputs = np.stack([forms[kinds], -2 * forms[kinds]], axis=-1) + 0.2 * random.standard_normal((samples, TIME, 2))
    inputs[steps >= lengths[:, None]] = PADDING
    values = Values(("temperature", "pressure"), OFFSET, SCALE, padded=padded)
    target = ClassTarget(CLASSES) if labelled else Reconstruction()
    targets = kinds if labelled else np.zeros((samples, 0), np.int32)
    return parts(Spec((TIME, 2), target, values=values), inputs.astype(np.float32), targets)


def pictures(samples: int = 200, side: int = 6, steps: str = "rows") -> Splits:
    """Pictures of a bright row or column, in two classes."""
    random = np.random.default_rng(0)
    kinds = random.integers(0, 2, samples).astype(np.int32)
    inputs = 0.2 * random.random((samples, side, side))
    inputs[kinds == 0, 2] += 0.75
    inputs[kinds == 1, :, 4] += 0.75
    values = Values(tuple(f"pixel_{n}" for n in range(side)), (0.0,) * side, (1.0,) * side, image=steps)
    return parts(Spec((side, side), ClassTarget(("row", "column")), values=values), inputs.astype(np.float32), kinds)


def parts(spec: Spec, inputs: np.ndarray, targets: np.ndarray) -> Splits:
    """The first half to train on, a quarter to validate, a quarter to test."""
    half, rest = len(inputs) // 2, 3 * len(inputs) // 4
    index = 1000 + np.arange(len(inputs))
    borders = ((0, half), (half, rest), (rest, len(inputs)))
    return Splits(spec, *(Split(inputs[a:b], targets[a:b], index[a:b]) for a, b in borders))


def dense(splits: Splits, latent_dim: int = 2, activation: str = "linear", encoder: str = "encoder") -> keras.Model:
    """A dense code of the samples, padding as 0, and a dense layer back."""
    keras.utils.set_random_seed(1)
    shape = splits.spec.input_shape
    inputs = keras.Input(shape)
    code = keras.layers.Dense(latent_dim, name="code")(keras.layers.Flatten()(inputs * (inputs != PADDING)))
    codes = keras.Input((latent_dim,))
    values = keras.layers.Reshape(shape)(keras.layers.Dense(shape[0] * shape[1], activation=activation)(codes))
    coder, decoder = keras.Model(inputs, code, name=encoder), keras.Model(codes, values, name="decoder")
    return keras.Model(inputs, decoder(coder(inputs)))


def refined(splits: Splits) -> Splits:
    """As an autoencoder's architecture refines the spec: the target is the input."""
    classes = getattr(splits.spec.target, "classes", ())
    return replace(splits, spec=replace(splits.spec, target=Reconstruction(classes)))


def trained(splits: Splits, model: keras.Model | Architecture | None = None, **settings) -> tuple[keras.Model, Outcome]:
    """A network, trained for two epochs, and its outcome."""
    splits = refined(splits)
    if isinstance(model, Architecture):
        keras.utils.set_random_seed(1)
        model = model.build(splits.spec)
    elif model is None:
        model = dense(splits)
    rate = {"name": "adam", "learning_rate": 0.02}
    trainer = Autoencoder(**{"epochs": 2, "batch_size": 20, "optimizer": rate, **settings})
    return model, trainer.fit(model, splits, Session(0, emit=lambda event: None))


@pytest.fixture(scope="module")
def ragged():
    """Samples of unequal length with two features, and a network that was trained on them."""
    splits = waves()
    return (splits, *trained(splits))


def real_errors(outcome):
    """Squared errors in the network's units, (samples, time, features): NaN past a sample's end."""
    saved = outcome.predictions
    return ((saved["targets"].astype(np.float64) - saved["predictions"]) / SCALE) ** 2


def test_errors_are_those_of_real_steps_in_the_networks_units(ragged):
    splits, _, outcome = ragged
    targets, padding = outcome.predictions["targets"], splits.test.inputs == PADDING
    assert padding.any()
    assert np.isnan(targets[padding]).all()
    np.testing.assert_allclose(targets[~padding], (splits.test.inputs * SCALE + OFFSET)[~padding], rtol=1e-5)
    errors = real_errors(outcome)
    np.testing.assert_array_equal(np.isnan(errors), padding)
    test = outcome.metrics["test"]
    assert test["reconstruction_mse"] == pytest.approx(np.nanmean(errors), rel=1e-4)
    assert test["loss"] == pytest.approx(np.nanmean(errors), rel=1e-4)  # every real step counts alike
    np.testing.assert_allclose(outcome.predictions["errors"], np.nanmean(errors, axis=(1, 2)), rtol=1e-4)
    assert set(outcome.metrics["train"]) == {"loss", "reconstruction_mse"}


def test_test_samples_that_stand_elsewhere_too_are_left_out_of_a_second_measurement():
    splits = waves()
    seen = np.arange(len(splits.test)) % 3 == 0
    _, outcome = trained(replace(splits, seen=seen), epochs=1)
    alone = np.nanmean(real_errors(outcome)[~seen])
    assert outcome.metrics["test_without_duplicates"] == {"reconstruction_mse": pytest.approx(alone, rel=1e-4)}
    assert outcome.warnings[0].startswith("without the samples that stand in training or validation too")


def test_codes_decode_to_the_predictions_and_labels_and_rows_are_kept(ragged):
    splits, model, outcome = ragged
    saved = outcome.predictions
    codes = model.get_layer("encoder")(splits.test.inputs, training=False)
    np.testing.assert_allclose(saved["codes"], codes, rtol=1e-4, atol=1e-5)
    decoded = np.asarray(model.get_layer("decoder")(saved["codes"], training=False)) * SCALE + OFFSET
    real = ~np.isnan(saved["targets"])
    np.testing.assert_allclose(saved["predictions"][real], decoded[real], rtol=1e-4)
    np.testing.assert_array_equal(saved["labels"], splits.test.targets)
    np.testing.assert_array_equal(saved["index"], splits.test.index)


def test_the_test_split_is_read_once_and_gives_what_encoder_and_decoder_give_by_themselves(monkeypatch):
    splits = waves()
    read, forward_pass = [], coding.forward_pass

    def recording(model):
        outputs = forward_pass(model)

        def recorded(inputs):
            read.append((model.name, len(inputs)))
            return outputs(inputs)

        return recorded

    monkeypatch.setattr(coding, "forward_pass", recording)
    architecture = VariationalAutoencoder(latent_dim=3, kl_weight=0.5)
    model, outcome = trained(splits, architecture)
    assert [count for name, count in read if name == "encoder"] == [len(splits.train)]
    assert ("decoder", len(splits.test)) not in read
    parts, saved = coding.Coding.of(model), outcome.predictions
    np.testing.assert_array_equal(parts.encode(splits.test.inputs), saved["codes"])
    decoded = decode_values(parts.decode(saved["codes"]), splits.spec, like=splits.test.inputs)
    np.testing.assert_array_equal(decoded, saved["predictions"])


@pytest.mark.parametrize("name", ["mse", "binary_crossentropy"])
def test_the_loss_of_batches_is_the_mean_over_the_splits_real_values(name):
    random = np.random.default_rng(0)
    inputs, outputs = random.random((30, 7, 2), np.float32), random.uniform(0.05, 0.95, (30, 7, 2)).astype(np.float32)
    lengths = random.integers(1, 8, 30)
    past = np.arange(7) >= lengths[:, None]
    of_values = (inputs - outputs) ** 2
    if name == "binary_crossentropy":
        of_values = -(inputs * np.log(outputs) + (1 - inputs) * np.log(1 - outputs))
    inputs[past] = PADDING
    samples, loss = ReconstructionSamples(inputs), reconstruction_loss(name)
    assert samples.measured(np.arange(30)).tolist() == (2 * lengths).tolist()
    total = 0.0
    for index in np.split(np.arange(30, dtype=np.int32), [8, 20]):
        given, targets, weights = samples.batch(samples.tensors, index)
        np.testing.assert_array_equal(given, inputs[index])
        assert (np.asarray(targets)[past[index]] == 0).all()
        total += float(loss(targets, outputs[index], sample_weight=weights)) * len(index)
    assert total / 30 == pytest.approx(of_values[~past].mean(), rel=1e-5)


def test_samples_of_one_length_need_no_weights():
    inputs = waves(padded=False).train.inputs
    samples = ReconstructionSamples(inputs)
    given, targets, weights = samples.batch(samples.tensors, np.arange(3, dtype=np.int32))
    assert given is targets
    assert weights is None


def test_what_a_variational_autoencoder_adds_to_the_loss_is_a_metric_of_its_own():
    splits = waves(labelled=False, padded=False)
    body = {"name": "conv", "filters": [4], "kernel_size": 3}
    model, outcome = trained(splits, VariationalAutoencoder(body=body, latent_dim=3, kl_weight=0.5))
    encoder = model.get_layer("encoder")
    parameters = keras.Model(encoder.input, [encoder.get_layer(name).output for name in ("z_mean", "z_log_var")])
    mean, log_variance = (np.asarray(part, np.float64) for part in parameters(splits.test.inputs, training=False))
    nats = (mean**2 + np.exp(log_variance) - log_variance - 1).sum(axis=1).mean() / 2
    test = outcome.metrics["test"]
    assert test["kl_loss"] == pytest.approx(0.5 * nats / 24, rel=1e-3)
    assert test["loss"] == pytest.approx(test["reconstruction_mse"] + test["kl_loss"], rel=1e-5)
    assert "neighbour_agreement" not in test
    assert "labels" not in outcome.predictions
    codes = Latent.from_bytes(outcome.artifacts["latent.npz"]).draw(4000, seed=1)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=0.1)  # N(0, I), wherever the training codes lie
    np.testing.assert_allclose(np.cov(codes.T), np.eye(3), atol=0.1)


def test_codes_that_nothing_holds_near_the_normal_distribution_are_not_drawn_from_it():
    body = {"name": "conv", "filters": [4], "kernel_size": 3}
    _, outcome = trained(waves(labelled=False), VariationalAutoencoder(body=body, latent_dim=3, kl_weight=0))
    assert Latent.from_bytes(outcome.artifacts["latent.npz"]).prior == "codes"
    assert "kl_loss" not in outcome.metrics["test"]


def test_random_codes_are_like_the_training_codes_and_within_their_range(ragged):
    splits, model, outcome = ragged
    codes = np.asarray(model.get_layer("encoder")(splits.train.inputs, training=False))
    latent = Latent.from_bytes(outcome.artifacts["latent.npz"])
    drawn = latent.draw(5000, seed=3)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, latent.draw(5000, seed=3))
    assert not np.array_equal(drawn, latent.draw(5000, seed=4))
    assert (drawn >= codes.min(axis=0) - 1e-4).all()
    assert (drawn <= codes.max(axis=0) + 1e-4).all()
    np.testing.assert_allclose(drawn.mean(axis=0), codes.mean(axis=0), atol=0.2 * codes.std())
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(codes.T)[0, 1], abs=0.15)


def test_neighbours_agree_as_a_search_of_all_distances_says():
    random = np.random.default_rng(0)
    train, test = random.normal(size=(90, 3)).astype(np.float32), random.normal(size=(40, 3)).astype(np.float32)
    labels, wanted = random.integers(0, 4, 90), random.integers(0, 4, 40)
    distances = ((test[:, None].astype(np.float64) - train) ** 2).sum(axis=-1)
    expected = (labels[distances.argmin(axis=1)] == wanted).mean()
    assert 0 < expected < 1
    assert neighbour_agreement(train, labels, test, wanted) == pytest.approx(expected)


def test_the_threshold_holds_its_false_alarm_rate():
    random = np.random.default_rng(0)
    rates = [Anomaly.chosen(*random.chisquare(3, (2, 99)), false_alarm_rate=0.1).test_rate for _ in range(300)]
    assert np.mean(rates) == pytest.approx(0.1, abs=0.01)
    scores = random.permutation(np.arange(1.0, 20.0))
    assert Anomaly.chosen(scores, scores, 0.05).threshold == 19  # 19 are the fewest for 5%
    assert Anomaly.chosen(scores[1:], scores, 0.05) is None


def test_the_threshold_is_chosen_on_validation_and_kept_for_new_samples(ragged):
    splits, model, outcome = ragged
    validation = splits.validation.inputs
    outputs = np.asarray(model(validation, training=False))
    errors = np.where(validation == PADDING, np.nan, outputs - validation).astype(np.float64) ** 2
    scores = np.sort(np.nanmean(errors, axis=(1, 2)))
    anomaly = outcome.details["anomaly"]
    assert anomaly["threshold"] == pytest.approx(scores[int(np.ceil(51 * 0.95)) - 1], rel=1e-4)
    above = (outcome.predictions["errors"] > anomaly["threshold"]).mean()
    assert anomaly == {"threshold": anomaly["threshold"], "false_alarm_rate": 0.05, "test_rate": above}
    assert json.loads(outcome.artifacts["anomaly.json"]) == anomaly


def test_too_few_validation_samples_for_a_threshold_are_said():
    _, outcome = trained(waves(40, padded=False), epochs=1)
    assert "anomaly" not in outcome.details
    assert "anomaly.json" not in outcome.artifacts
    assert any("at least 19 validation samples, and there are 10" in warning for warning in outcome.warnings)


def test_a_code_as_wide_as_a_sample_is_told():
    splits = waves(40, padded=False)
    _, outcome = trained(splits, dense(splits, latent_dim=24), epochs=1)
    assert any("24 numbers is no smaller than a sample of 12 x 2" in warning for warning in outcome.warnings)
    _, outcome = trained(splits, dense(splits, latent_dim=23), epochs=1)
    assert not any("no smaller" in warning for warning in outcome.warnings)


def test_classes_that_only_the_test_has_are_anomalies_to_be_found():
    splits = waves(padded=False)
    ordinary = (
        Split(part.inputs[part.targets == 0], part.targets[part.targets == 0], part.index[part.targets == 0])
        for part in (splits.train, splits.validation)
    )
    splits = Splits(splits.spec, *ordinary, splits.test)
    _, outcome = trained(splits, epochs=20, false_alarm_rate=0.2)
    found = outcome.predictions["errors"] > outcome.details["anomaly"]["threshold"]
    assert found[splits.test.targets > 0].mean() > 0.9
    share = (splits.test.targets == 0).mean()  # each sample's nearest one in training is an ordinary one
    assert outcome.metrics["test"]["neighbour_agreement"] == pytest.approx(share)
    assert set(outcome.figures) >= {"class_means", "latent_space", "interpolation"}


def refused(splits, model, **settings):
    with pytest.raises(UsageError) as error:
        Autoencoder(**settings).fit(model, splits, Session(0, emit=lambda event: None))
    return str(error.value)


def test_a_network_without_the_two_parts_or_of_another_shape_is_refused():
    splits = refined(waves(40, padded=False))
    assert "no encoder" in refused(splits, dense(splits, encoder="squeezer"))
    other = replace(splits, spec=replace(splits.spec, input_shape=(12, 3)))
    assert "(None, 12, 2); a reconstruction wants the input's, (None, 12, 3)" in refused(other, dense(splits))
    assert "ClassTarget" in refused(waves(40), dense(splits))


def test_cross_entropy_is_refused_for_values_or_outputs_outside_0_to_1():
    splits, cross_entropy = refined(waves(40)), {"loss": "binary_crossentropy"}
    assert "the training samples have" in refused(splits, dense(splits, activation="sigmoid"), **cross_entropy)
    squares = refined(pictures(40))
    assert "activation='sigmoid'" in refused(squares, dense(squares), **cross_entropy)


def test_cross_entropy_takes_padding_for_no_value_and_warns_of_test_values_beyond_training():
    inputs = np.random.default_rng(0).random((40, 5, 1), np.float32)
    inputs[:, 3:] = PADDING
    inputs[35, 1] = 1.5
    spec = Spec((5, 1), None, values=Values(("x",), (0.0,), (1.0,), padded=True))
    splits = refined(parts(spec, inputs, np.zeros((40, 0), np.int32)))
    _, outcome = trained(splits, dense(splits, activation="sigmoid"), loss="binary_crossentropy", epochs=1)
    assert next(warning for warning in outcome.warnings if "0..1" in warning).startswith("test values go from 0")


CONFIG = """
dataset: {{name: sequences, path: none.npz, scaler: {scaler}}}
architecture: {{name: lstm_autoencoder, output_activation: {activation}}}
trainer:
  name: autoencoder
  loss: {loss}
  early_stopping: {{monitor: val_reconstruction_mse}}
  reduce_lr: {{factor: 0.2}}
"""


@pytest.mark.parametrize(
    ("scaler", "activation", "loss", "said"),
    [
        ("minmax", "sigmoid", "binary_crossentropy", ()),
        ("standard", "linear", "mse", ()),
        ("standard", "linear", "binary_crossentropy", ("set dataset.scaler: minmax", "output_activation: sigmoid")),
    ],
)
def test_cross_entropy_with_what_cannot_lie_in_0_to_1_is_a_problem_of_the_config(
    tmp_path, scaler, activation, loss, said
):
    (tmp_path / "config.yaml").write_text(CONFIG.format(scaler=scaler, activation=activation, loss=loss))
    problems = []
    try:
        trainer = load_experiment(tmp_path / "config.yaml").trainer
        assert (trainer.early_stopping.patience, trainer.reduce_lr.patience) == (15, 5)
        assert (trainer.early_stopping.monitor, trainer.reduce_lr.factor) == ("val_reconstruction_mse", 0.2)
    except ConfigError as error:
        problems = [str(problem) for problem in error.problems]
    assert len(problems) == len(said)
    assert all(part in problem for part, problem in zip(said, problems, strict=True))
