"""The weights of a network are counted before any memory is taken for them."""

from __future__ import annotations

import pytest
from commands import SMOKE

from seqrun.components.locations import Locations
from seqrun.config.experiment import load_experiment
from seqrun.datasets.text.encoding import Ragged
from seqrun.errors import ConfigError, UsageError
from seqrun.running import network_size
from seqrun.running.phases import build, build_model
from seqrun.training.state import Shuffle


def loaded(config: str, *settings: str):
    experiment = load_experiment(SMOKE / f"{config}.yaml", settings)
    return experiment, experiment.dataset.load(Locations(None, lambda event: None))


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ("lstm", "architecture.units=100000000"),
        ("conv1d", "architecture.filters=1000000000"),
        ("sequential", "architecture.layers=[{name: Embedding, output_dim: 1000000000000}, GlobalAveragePooling1D]"),
        ("mnist_vae", "architecture.latent_dim=1000000000000"),
    ],
)
def test_a_network_too_large_for_the_memory_is_a_problem_of_the_config(config, setting):
    with pytest.raises(ConfigError, match=r"architecture: [\d,]+ weights and their gradients would need [\d.]+ [GT]B"):
        build(*loaded(config, setting))


@pytest.mark.parametrize("config", ["lstm", "transformer", "mnist_vae", "waves_wavenet"])
def test_the_count_is_the_networks_own_and_leaves_no_trace(config, monkeypatch):
    experiment, splits = loaded(config)
    spec = experiment.architecture.accept(splits.spec)
    before = build_model(experiment, spec)
    assert network_size._count(experiment, spec) == before.count_params()
    monkeypatch.setattr(network_size, "_DOUBTFUL", 10**12)  # every network is counted
    after, _ = build(experiment, splits)
    assert [weight.path for weight in after.weights] == [weight.path for weight in before.weights]
    assert all((a == b).all() for a, b in zip(after.get_weights(), before.get_weights(), strict=True))


def test_samples_are_not_padded_to_more_than_the_memory():
    with pytest.raises(UsageError, match=r"3 samples of 10,000,000,000,000 tokens would need 150\.0 TB of memory"):
        Ragged.of([[1], [2, 3], []]).pad(10**13, "pre", "pre")


def test_a_long_epochs_order_takes_time_in_proportion():
    """A hundred thousand permutations of ten samples; the same numbers as in short pieces."""
    whole, parts = Shuffle(10, 3), Shuffle(10, 3)
    order = whole.take(1_000_000)
    assert order.tolist() == [number for _ in range(1000) for number in parts.take(1000).tolist()]
