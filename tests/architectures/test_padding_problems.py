"""What keeps a network from batches of samples of similar length: `trainer.batching: bucketed`."""

import numpy as np
import pytest

from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError

IMDB, RAGGED = "{name: imdb, max_len: 400}", "{name: sequences, path: data.npz, labels: y}"
EMBEDDED = "{name: Embedding, output_dim: 4}"


@pytest.mark.parametrize(
    ("dataset", "architecture", "trainer", "key", "told"),
    [
        (IMDB, "lstm", "classifier", "architecture.mask", "set it to true"),
        (IMDB, "conv1d", "classifier", "trainer.batching", "convolutions read its padding as tokens; take shuffled"),
        (IMDB, "conv_rnn", "classifier", "trainer.batching", "take shuffled"),
        (IMDB, f"{{name: sequential, layers: [{EMBEDDED}, {{name: LSTM, units: 2}}]}}", "classifier",
         "architecture.layers.0.mask_zero", "set it to true"),
        (IMDB, f"{{name: sequential, layers: [{EMBEDDED[:-1]}, mask_zero: true}}, GlobalMaxPooling1D]}}", "classifier",
         "architecture.layers.1", "GlobalMaxPooling1D is not known to skip padding"),
        (RAGGED, "dense", "classifier", "trainer.batching", "dense is not known as one; take shuffled"),
        (RAGGED, "linear", "classifier", "trainer.batching", "take shuffled"),
        (RAGGED, "{name: conv1d, head: flatten}", "classifier", "architecture.head", "take last"),
        (RAGGED, "{name: conv1d, padding: same, strides: 2}", "classifier", "architecture.padding",
         "take causal or valid"),
        (RAGGED, "{name: sequential, layers: [{name: LayerNormalization, axis: [1]}, {name: GRU, units: 2}]}",
         "classifier", "architecture.layers.0", "LayerNormalization's axis may read padding"),
        ("{name: sequences, path: data.npz}", "lstm_autoencoder", "autoencoder", "trainer.batching", "take shuffled"),
        ("waves", "lstm", "forecaster", "trainer.batching", "windows have one; take shuffled"),
    ],
)  # fmt: skip
def test_what_cannot_be_bucketed_is_refused_with_what_to_set(tmp_path, dataset, architecture, trainer, key, told):
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 3, 1), np.float32), y=np.array([0, 1]))
    config = tmp_path / "experiment.yaml"
    sections = f"dataset: {dataset}\narchitecture: {architecture}\ntrainer: {{name: {trainer}, batching: {{}}}}\n"
    config.write_text(sections.replace("{}", "shuffled"), encoding="utf-8")
    load_experiment(config)
    config.write_text(sections.replace("{}", "bucketed"), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_experiment(config)
    (problem,) = refused.value.problems
    assert ".".join(map(str, problem.path)) == key
    assert told in problem.message


@pytest.mark.parametrize(
    ("dataset", "architecture"),
    [(IMDB, "{name: gru, mask: true}"), (IMDB, "transformer"), (IMDB, "bag_of_words"), (RAGGED, "wavenet"),
     (RAGGED, "lstm"), (RAGGED, "{name: conv_rnn, strides: 2}"), (RAGGED, "ln_rnn")],
)  # fmt: skip
def test_what_can_be_bucketed_is_valid(tmp_path, dataset, architecture):
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 3, 1), np.float32), y=np.array([0, 1]))
    config = tmp_path / "experiment.yaml"
    trainer = "{name: classifier, batching: bucketed}"
    config.write_text(f"dataset: {dataset}\narchitecture: {architecture}\ntrainer: {trainer}\n", encoding="utf-8")
    load_experiment(config)


@pytest.mark.parametrize("name", ["conv1d", "conv_rnn"])
@pytest.mark.parametrize("padding", ["valid", "causal"])
def test_convolutions_say_how_many_steps_they_need(make, ragged, name, padding):
    network = make(name, filters=[4, 3], kernel_size=3, pool_size=[2, 1], strides=[1, 2], padding=padding)
    shortest = network.refine(ragged(30, 2)).shortest
    assert network.refine(ragged(shortest, 2)).shortest == shortest
    with pytest.raises(ConfigError, match="is more than the"):
        network.accept(ragged(shortest - 1, 2))
