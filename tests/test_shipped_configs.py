"""Every shipped config is valid and builds the network that its comment names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqrun.components.base import Experiment
from seqrun.components.splits import Spec
from seqrun.components.targets import ClassTarget, LabelsTarget, NumbersTarget, SeriesTarget, TagTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.config.experiment import load_experiment

CONFIGS = Path(__file__).parent.parent / "configs"
SHIPPED = sorted(CONFIGS.glob("*.yaml"))
DATA = CONFIGS / "smoke" / "data"
SMOKE = sorted((CONFIGS / "smoke").glob("*.yaml"))

NAMES = {
    "imdb_rnn", "imdb_lstm", "imdb_gru", "imdb_bilstm", "imdb_conv1d", "imdb_transformer", "imdb_bag_of_words",
    "imdb_lstm_500_bucketed",
    "imdb20k_rnn", "imdb20k_gru", "imdb20k_lstm", "imdb20k_conv_gru", "imdb20k_conv",
    "waves_linear", "waves_rnn", "waves_deep_rnn", "waves_iterated", "waves_vector", "waves_seq2seq_rnn",
    "waves_seq2seq_lstm", "waves_seq2seq_gru", "waves_ln_rnn", "waves_wavenet", "waves_mc_dropout",
    "jena_conv1d", "jena_conv_gru", "jena_gru", "ridership_conv_gru", "ridership_wavenet",
    "mnist_lstm_autoencoder", "mnist_bilstm_autoencoder", "mnist_conv_autoencoder", "mnist_vae",
}  # fmt: skip

# From the equations of each layer; those of imdb_rnn, imdb_lstm, imdb_conv1d, jena_conv_gru and the LSTM autoencoders
# are published.
TWO_RNN_20 = (1 * 20 + 20 * 20 + 20) + (20 * 20 + 20 * 20 + 20)
TWO_GRU_20 = 3 * (1 * 20 + 20 * 20 + 2 * 20) + 3 * (20 * 20 + 20 * 20 + 2 * 20)
TEN = 20 * 10 + 10
GRU_128 = 3 * (128 * 128 + 128 * 128 + 2 * 128)
CONV_28_TO_7 = (5 * 28 * 64 + 64) + (5 * 64 * 128 + 128)  # steps, at 128 filters
CONV_7_TO_28 = (5 * 128 * 128 + 128) + (5 * 128 * 64 + 64) + (64 * 28 + 28)
PARAMETERS = {
    "imdb_rnn": 643_265,
    "imdb_lstm": 652_577,
    "imdb_lstm_500_bucketed": 652_449,
    "imdb_gru": 10_000 * 64 + 3 * (64 * 32 + 32 * 32 + 2 * 32) + 4 * 32 + 33,
    "imdb_bilstm": 10_000 * 64 + 2 * 4 * (64 * 32 + 32 * 32 + 32) + 4 * 64 + 65,
    "imdb_conv1d": 1_315_937,
    "imdb_transformer": 10_000 * 32 + 201 * 32 + 4 * (32 * 32 + 32) + 2 * (32 * 32 + 32) + 3 * 2 * 32 + 33,
    "imdb_bag_of_words": 10_000 * 16 + 17,
    "imdb20k_rnn": 20_000 * 128 + (128 * 128 + 128 * 128 + 128) + 129,
    "imdb20k_gru": 20_000 * 128 + GRU_128 + 129,
    "imdb20k_lstm": 20_000 * 128 + 4 * (128 * 128 + 128 * 128 + 128) + 129,
    "imdb20k_conv_gru": 20_000 * 128 + (5 * 128 * 64 + 64) + 3 * (64 * 128 + 128 * 128 + 2 * 128) + 129,
    "imdb20k_conv": 20_000 * 128 + (5 * 128 * 64 + 64) + (24 * 64 + 1),
    "waves_linear": 51,
    "waves_rnn": 3,
    "waves_deep_rnn": TWO_RNN_20 + 21,
    "waves_iterated": TWO_RNN_20 + 21,
    "waves_vector": TWO_RNN_20 + TEN,
    "waves_seq2seq_rnn": TWO_RNN_20 + TEN,
    "waves_seq2seq_lstm": 4 * TWO_RNN_20 + TEN,
    "waves_seq2seq_gru": TWO_GRU_20 + TEN,
    "waves_ln_rnn": TWO_RNN_20 + 2 * 2 * 20 + TEN,
    "waves_wavenet": (2 * 1 * 20 + 20) + 7 * (2 * 20 * 20 + 20) + TEN,
    "waves_mc_dropout": TWO_GRU_20 + TEN,
    "jena_conv1d": (5 * 14 * 32 + 32) + 2 * (5 * 32 * 32 + 32) + 33,
    "jena_conv_gru": 13_793,
    "jena_gru": 3 * (14 * 32 + 32 * 32 + 2 * 32) + 33,
    "ridership_conv_gru": (4 * 5 * 32 + 32) + 3 * (32 * 32 + 32 * 32 + 2 * 32) + (32 * 14 + 14),
    "ridership_wavenet": (2 * 5 * 32 + 32) + 7 * (2 * 32 * 32 + 32) + (32 * 14 + 14),
    "mnist_lstm_autoencoder": 10_950,
    "mnist_bilstm_autoencoder": 49_408,
    "mnist_conv_autoencoder": CONV_28_TO_7 + (7 * 128 * 32 + 32) + (32 * 7 * 128 + 7 * 128) + CONV_7_TO_28,
    "mnist_vae": CONV_28_TO_7 + 2 * (7 * 128 * 10 + 10) + 1 + (10 * 7 * 128 + 7 * 128) + CONV_7_TO_28,
}


def built(path: Path):
    """The network, for data of the shape that the config promises."""
    experiment = load_experiment(path)
    return experiment.architecture.build(experiment.architecture.refine(promised(experiment)))


def promised(experiment: Experiment) -> Spec:
    dataset = experiment.dataset
    (task,) = dataset.tasks & experiment.trainer.tasks
    if task == "forecasting":
        return series_spec(dataset)
    classes = ("negative", "positive") if dataset.name == "imdb" else ("bad", "fair", "good")
    others = {
        "tagging": TagTarget(("O", "B", "I")),
        "multilabel": LabelsTarget(("a", "b", "c", "d")),
        "regression": NumbersTarget(("price", "age"), (0.0, 0.0), (1.0, 1.0)),
    }
    target = others.get(task) or ClassTarget(classes)
    time, *features = dataset.sample_shape()
    if dataset.inputs == "values":
        return Spec((time or 30, *(size or 3 for size in features)), target)
    return Spec((time or 30,), target, Vocabulary(dataset.num_words or 100, None))


def series_spec(dataset) -> Spec:
    time, features = dataset.sample_shape()
    names = tuple(getattr(dataset, "targets", ["value"]))
    target = SeriesTarget(
        names,
        dataset.horizon,
        steps=tuple(range(time)) if dataset.forecast == "sequence" else None,
        iterated=dataset.forecast == "iterated",
        offset=(0.0,) * len(names),
        scale=(1.0,) * len(names),
    )
    return Spec((time, features or 14), target, target_features=tuple(range(len(names))))


def test_the_names_that_users_rely_on_are_there():
    assert {path.stem for path in SHIPPED} >= NAMES
    assert PARAMETERS.keys() == NAMES


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_config_opens_with_its_command_and_bears_its_name(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(rf"# seqrun train configs/{path.name}  +\S", first)
    assert load_experiment(path).name == path.stem


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_shipped_config_builds_the_network_that_the_equations_count(name):
    assert built(CONFIGS / f"{name}.yaml").count_params() == PARAMETERS[name]


@pytest.mark.parametrize("path", SMOKE, ids=lambda path: path.stem)
def test_a_smoke_config_is_tiny_and_builds(path):
    experiment = load_experiment(path)
    assert experiment.name == f"smoke_{path.stem}"
    assert getattr(experiment.dataset, "path", DATA / "none").parent == DATA
    assert experiment.trainer.epochs <= 3
    assert built(path).count_params() < 20_000


def test_every_family_has_a_smoke_twin():
    def families(paths):
        keys = ("name", "cell", "bidirectional")
        shown = [load_experiment(path) for path in paths]
        return {(each.dataset.tasks, *(getattr(each.architecture, key, None) for key in keys)) for each in shown}

    def data(paths):
        return {load_experiment(path).dataset.name for path in paths}

    assert data(SHIPPED) <= data(SMOKE)

    assert families(SHIPPED) <= families(SMOKE)


# --- what the books have otherwise ------------------------------------------------------------------------------------

NO_BOOKS = {"imdb_bag_of_words", "imdb_transformer", "mnist_conv_autoencoder", "mnist_vae"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_books_config_says_in_its_head_what_the_book_has_otherwise(path):
    head = re.match("(#.*\n)*", path.read_text("utf-8"))[0]
    assert head.startswith(f"# seqrun train configs/{path.name} ")
    assert ("# Other than the " in head) == (path.stem not in NO_BOOKS)
    for other in re.findall(r"as (\w+) says", head):
        assert "# Other than the " in (CONFIGS / f"{other}.yaml").read_text("utf-8")
