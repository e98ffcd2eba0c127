"""Real processes get a signal at some moment, are resumed, and come to what the same run comes to when left alone.

`make kills` does it for every config and many moments (KILLS, 40 of them): an hour. The table is on standard output.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import SMOKE
from own_plugin import with_plugin
from processes import SIGNALS, Config, differences, kill, left_alone, resume, start

from seqrun.rundir.reading import RECORD, read_run

KILLS = int(os.environ.get("KILLS", "1"))
LONGER = ("trainer.early_stopping=false", "trainer.checkpoint.minutes=0.002")
CONFIGS = {
    "LSTM with dropout": Config(
        SMOKE / "lstm.yaml",
        ("architecture.dropout=0.3", "architecture.output_dropout=0.2", "trainer.epochs=25", "trainer.batch_size=8"),
    ),
    "bucketed": Config(SMOKE / "bucketed.yaml", ("trainer.epochs=12", "architecture.dropout=0.2")),
    "compiled, schedule, refit": Config(
        SMOKE / "lstm.yaml",
        (
            "architecture.batch_norm=false",
            "~trainer.reduce_lr",
            "trainer.optimizer={name: adam, learning_rate: {name: cosine_decay, initial_learning_rate: 0.01, "
            "decay_steps: 900}}",
            "trainer.epochs=25",
            "trainer.batch_size=8",
            "trainer.refit=true",
        ),
    ),
    "VAE": Config(SMOKE / "mnist_vae.yaml", ("trainer.epochs=20",)),
    "series, backtest, MC dropout": Config(
        SMOKE / "series.yaml",
        (
            "architecture={name: gru, units: 8, dropout: 0.1}",
            "trainer.intervals={name: mc_dropout, samples: 5}",
            "trainer.epochs=12",
            "trainer.backtest.folds=3",
            "trainer.refit=true",
        ),
    ),
    "tagger": Config(SMOKE / "tagger.yaml", ("trainer.epochs=40",)),
    "mixed precision": Config(
        SMOKE / "lstm.yaml", ("trainer.precision=mixed_float16", "trainer.epochs=15", "trainer.batch_size=8")
    ),
}
CODES = {"KILL": -signal.SIGKILL, "TERM": 143, "HUP": 129, "INT": 130}


def comes_to_the_same(
    config: Config, expected: Path, runs: Path, which: str, when: Callable[[dict], bool] | str, wait: float
) -> str:
    """Kill a training (see `kill`), resume its run, compare it with the one left alone, and say how it had ended."""
    process = start("train", *config.arguments(), "--runs-dir", str(runs))
    killed = kill(process, SIGNALS[which], runs, when, wait)
    assert killed.code in (0, CODES[which]) and "Traceback" not in killed.error, killed.error
    if killed.run is None or not (killed.run / RECORD).exists():
        return f"exit {killed.code}, no run yet"
    status = read_run(killed.run).status
    resume(killed.run, *config.resuming)
    assert differences(killed.run, expected) == []
    return f"exit {killed.code}, {status}, equal"


PHASES = {
    "data": lambda event: event.get("text", "").startswith("imdb: reading"),
    "compilation": lambda event: event.get("event") == "started",
    "epoch": lambda event: event.get("event") == "epoch" and event["epoch"] == 3,
    "refit": lambda event: event.get("text", "").startswith("refit:"),
    "fold": lambda event: event.get("text", "").startswith("backtest: fold 2"),
    "baselines": lambda event: event.get("text", "").startswith("fitting the baselines"),
    "results": "*/model.weights.h5",
    "plots": "*/plots",
}


def test_killed_in_an_epoch_a_run_comes_to_the_same(tmp_path):
    config = Config(SMOKE / "waves_linear.yaml", ("trainer.epochs=100", *LONGER))
    expected, _ = left_alone(config, tmp_path / "alone")
    told = comes_to_the_same(config, expected, tmp_path / "killed", "KILL", PHASES["epoch"], 0.0)
    assert told == "exit -9, interrupted, equal"


@pytest.mark.skipif(KILLS == 1, reason="make kills")
@pytest.mark.parametrize("name", [*CONFIGS, "plugin"])
def test_killed_at_random_moments_a_run_comes_to_the_same(name, tmp_path, capsys):
    if name == "plugin":
        config = Config(with_plugin(tmp_path, epochs=60), LONGER, ("--allow-plugins",))
    else:
        config = Config(CONFIGS[name].file, (*CONFIGS[name].settings, *LONGER))
    expected, seconds = left_alone(config, tmp_path / "alone")
    moments = random.Random(name)
    for number in range(KILLS):
        which, wait = moments.choice([*SIGNALS]), moments.uniform(0, seconds)
        runs = tmp_path / str(number)
        told = comes_to_the_same(config, expected, runs, which, lambda event: not event, wait)
        with capsys.disabled():
            print(f"{name}: {which} after {wait:.1f} of {seconds:.1f} s: {told}")


@pytest.mark.skipif(KILLS == 1, reason="make kills")
@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_each_phase_a_run_comes_to_the_same(phase, tmp_path, capsys):
    name = "series, backtest, MC dropout" if phase == "fold" else "compiled, schedule, refit"
    config = Config(CONFIGS[name].file, (*CONFIGS[name].settings, *LONGER))
    expected, _ = left_alone(config, tmp_path / "alone")
    for number, which in enumerate(SIGNALS):
        for wait in (0.0, 0.3):
            runs = tmp_path / f"{number}-{wait}"
            told = comes_to_the_same(config, expected, runs, which, PHASES[phase], wait)
            with capsys.disabled():
                print(f"{phase} + {wait} s: {which}: {told}")


@pytest.mark.skipif(KILLS == 1, reason="make kills")
@pytest.mark.parametrize("which", SIGNALS)
def test_killed_while_it_validates_a_run_comes_to_the_same(which, tmp_path, capsys, monkeypatch):
    config = Config(with_plugin(tmp_path, epochs=6), LONGER, ("--allow-plugins",))
    expected, _ = left_alone(config, tmp_path / "alone")
    runs = tmp_path / "killed"
    monkeypatch.setenv("VALIDATING", str(runs / "validating"))
    told = comes_to_the_same(config, expected, runs, which, "validating", 0.3)
    assert "finished" not in told
    with capsys.disabled():
        print(f"validation + 0.3 s: {which}: {told}")


@pytest.mark.parametrize(("which", "wait"), [("INT", 1.0), ("TERM", 1.0), ("HUP", 0.05)])
def test_a_signal_before_anything_has_begun_is_no_traceback(which, wait, tmp_path):
    process = start("train", str(SMOKE / "bag_of_words.yaml"), "--runs-dir", str(tmp_path))
    time.sleep(wait)
    process.send_signal(SIGNALS[which])
    _, error = process.communicate(timeout=60)
    # Python itself takes a moment until it can handle a signal: until then it ends as the system has it.
    assert process.returncode in (CODES[which], *([-SIGNALS[which]] if wait < 0.1 else [])), error
    assert "seqrun" not in error  # no traceback through a file of seqrun's


def test_one_ctrl_c_in_a_compilation_is_answered_at_once_and_a_second_leaves(tmp_path):
    settings = ("architecture.units=[64, 64, 64]", "architecture.batch_norm=false", "architecture.bidirectional=true")
    config = Config(SMOKE / "lstm.yaml", settings)
    command = [sys.executable, "-m", "seqrun", "train", *config.arguments(), "--runs-dir", str(tmp_path / "runs")]
    process = subprocess.Popen([*command, "--progress", "plain"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "steps an epoch" in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    answer = process.stderr.readline()
    assert answer.startswith("stops after") and "again to leave now" in answer, answer
    assert time.monotonic() - began < 1.5
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 8
    (found,) = Path(tmp_path / "runs").iterdir()
    assert read_run(found).status == "interrupted"
