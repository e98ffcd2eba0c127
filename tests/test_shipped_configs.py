"""Every shipped config is valid and builds the network that its comment names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqrun.components import ClassTarget, Spec
from seqrun.config.experiment import load_experiment
from seqrun.datasets.vocabulary import Vocabulary

CONFIGS = Path(__file__).parent.parent / "configs"
SHIPPED = sorted(CONFIGS.glob("*.yaml"))
SMOKE = sorted((CONFIGS / "smoke").glob("*.yaml"))

NAMES = {
    "imdb_rnn", "imdb_lstm", "imdb_gru", "imdb_bilstm", "imdb_conv1d", "imdb_transformer", "imdb_bag_of_words",
    "imdb20k_rnn", "imdb20k_gru", "imdb20k_lstm", "imdb20k_conv_gru", "imdb20k_conv",
}  # fmt: skip

# From the equations of each layer; those of imdb_rnn, imdb_lstm and imdb_conv1d are the published counts.
GRU_128 = 3 * (128 * 128 + 128 * 128 + 2 * 128)
PARAMETERS = {
    "imdb_rnn": 643_265,
    "imdb_lstm": 652_577,
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
}


def built(path: Path):
    experiment = load_experiment(path)
    dataset = experiment.dataset
    classes = ("negative", "positive") if dataset.name == "imdb" else ("bad", "fair", "good")
    spec = Spec(dataset.sample_shape(), ClassTarget(classes), Vocabulary(dataset.num_words, None))
    return experiment.architecture.build(spec)


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
    assert experiment.dataset.path.parent == CONFIGS / "smoke" / "data"
    assert experiment.trainer.epochs <= 3
    assert built(path).count_params() < 20_000


def test_every_family_has_a_smoke_twin():
    def families(paths):
        shown = [load_experiment(path).architecture for path in paths]
        return {(each.name, getattr(each, "cell", None), getattr(each, "bidirectional", None)) for each in shown}

    assert families(SHIPPED) <= families(SMOKE)
