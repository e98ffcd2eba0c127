"""What a config asks for that no memory can hold is a problem of the config, with the memory that it would need."""

from __future__ import annotations

import pytest
from commands import SMOKE, run_command

from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError


def told(config: str, *settings: str) -> dict[str, str]:
    """{dotted key: message} of a smoke config with settings."""
    try:
        load_experiment(SMOKE / f"{config}.yaml", settings, data="if there")
    except ConfigError as error:
        return {".".join(map(str, problem.path)): problem.message for problem in error.problems}
    return {}


@pytest.mark.parametrize(
    ("config", "setting", "key", "words"),
    [
        ("lstm", "architecture.units=1000000000", "architecture", "its weights and their gradients would need 80000"),
        ("conv_gru", "architecture.units=1000000000", "architecture", "80000"),
        ("waves_ln_rnn", "architecture.units=[4, 1000000000]", "architecture", "80000"),
        ("conv1d", "architecture.filters=1000000000", "architecture", "its weights and their gradients would need"),
        ("lstm", "dataset.num_words=1000000000000", "architecture", "its weights and their gradients would need"),
        ("transformer", "architecture.layers=1000000000000", "architecture", "its weights and their gradients would"),
        ("mnist_vae", "architecture.latent_dim=1000000000000", "architecture", "its weights and their gradients would"),
        ("lstm", "dataset.max_len=1000000000000", "dataset", "one sample of 1,000,000,000,000 steps would need 4.0 TB"),
        ("lstm", "trainer.steps_per_epoch=1000000000000", "trainer.steps_per_epoch", "samples of an epoch would need"),
        ("lstm", f"trainer.epochs={2**64}", "trainer.epochs", "must be at most 9223372036854775807"),
        ("lstm", f"architecture.units={[8] * 10_000}", "architecture.units", "at most 1000 items"),
        (
            "sequential",
            f"architecture.layers={['Dropout'] * 10_000}",
            "architecture.layers",
            "at most 1000",
        ),
    ],
)
def test_more_than_there_is(config, setting, key, words):
    assert words in told(config, setting)[key]


def test_a_config_for_another_machine_is_not_held_against_this_one():
    run_command("validate", SMOKE / "lstm.yaml", "--set", "architecture.units=1000000000", "--no-data")


@pytest.mark.parametrize("setting", ["trainer.epochs=1000000000", "trainer.batch_size=1000000000", "dataset.max_len=9"])
def test_what_there_is_room_for(setting):
    assert told("lstm", setting) == {}


def test_repeats_have_a_limit():
    told = run_command("train", SMOKE / "lstm.yaml", "--repeats", 4_000_000_000, code=2).stderr
    assert "--repeats 4000000000: must be a whole number from 1 to 100,000" in told
