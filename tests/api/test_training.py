"""Training from Python: what comes back, what is raised, and how it goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import traceback
from pathlib import Path

import pytest
from commands import SMOKE, run_command

import seqrun
from seqrun.errors import ConfigError, DataError, DivergedError, InputError, TrainingInterrupted, UsageError
from seqrun.running import runner
from seqrun.running.ending import Ended

pytestmark = pytest.mark.usefixtures("undrawn_plots")
CONFIG = SMOKE / "waves_linear.yaml"  # compiled the fastest
SECTIONS = {
    "dataset": {
        "name": "text",
        "path": SMOKE / "data" / "reviews.csv",
        "text": "review",
        "label": "rating",
        "limit": 9,
    },
    "architecture": "bag_of_words",
    "trainer": {"name": "classifier", "epochs": 1},
}
SERIES = {"time": "t", "targets": ["x"], "lookback": 4, "horizon": 1}


@pytest.fixture
def train(tmp_path, monkeypatch):
    """seqrun.train, quietly, with `runs/` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return lambda config, **options: seqrun.train(config, **{"progress": "none", **options})


def test_a_run_is_the_one_that_the_command_trains(train, tmp_path):
    settings = {"trainer.epochs": 2, "dataset.limit": 50}
    run = train(CONFIG, set=settings, seed=7)
    assert run.path.parent == tmp_path / "runs" and seqrun.load("@latest").path == run.path
    given = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    other = seqrun.load(run_command("train", CONFIG, *given, "--seed", "7", "--progress", "none").stdout.strip())
    assert other.metrics == run.metrics and other.config == run.config
    assert run.record["argv"] == ["seqrun.train", str(CONFIG), "trainer.epochs=2", "dataset.limit=50"]


def test_repeats_are_a_list_of_the_runs_that_the_command_trains(train):
    settings = {"trainer.epochs": 1, "dataset.limit": 50}
    runs = train(CONFIG, set=settings, seed=7, repeats=2)
    assert [(run.record["seed"], run.status) for run in runs] == [(7, "finished"), (8, "finished")]
    assert [*seqrun.compare(runs)["n"]] == [2]
    [alone] = train(CONFIG, set=settings, seed=8, repeats=1)
    assert alone.metrics == runs[1].metrics != runs[0].metrics


def test_after_a_failed_repeat_the_rest_is_trained_and_the_error_tells_which(train, monkeypatch):
    def run(experiment, workshop):
        path = f"runs/{experiment.seed}"
        errors = {8: DivergedError("the loss is NaN"), 9: DataError("gone")}
        return Ended(path, 0) if experiment.seed not in errors else Ended(path, 3, errors[experiment.seed])

    monkeypatch.setattr(runner, "run", run)
    with pytest.raises(DivergedError, match=r"^the loss is NaN") as told:
        train(CONFIG, seed=7, repeats=4)
    assert told.value.run.name == "8" and [path.name for path in told.value.finished] == ["7", "10"]
    assert told.value.__notes__ == [
        "repeat 2 of 4 (seed 8, runs/8): the loss is NaN",
        "repeat 3 of 4 (seed 9, runs/9): gone",
    ]


@pytest.mark.parametrize(
    ("repeats", "words"),
    [
        (0, "repeats 0: must be a whole number from 1 to 100,000"),
        (2, "repeats 2 from seed 4294967295 goes past the last seed, 4294967295"),
    ],
)
def test_there_is_a_seed_for_every_repeat(train, repeats, words):
    with pytest.raises(InputError, match=f"^{words}$"):
        train(CONFIG, seed=2**32 - 1, repeats=repeats)


def test_a_config_can_be_a_mapping(train, tmp_path):
    run = train(SECTIONS, set={"~dataset.limit": None, "trainer": {"batch_size": 100}})
    assert run.path.name.endswith("_text_bag_of_words") and len(run.history) == 1
    dataset, trainer = run.config["dataset"], run.config["trainer"]
    assert (dataset["path"], dataset["limit"]) == (str(SMOKE / "data" / "reviews.csv"), None)
    assert (trainer["batch_size"], trainer["epochs"]) == (100, 1)
    assert seqrun.validate(run.config) == []


def test_a_finished_run_is_trained_further(family_run, tmp_path):
    run = seqrun.load(shutil.copytree(family_run("waves_linear"), tmp_path / "run"))
    assert run.resume() is run and len(run.history) == 2
    assert [*run.resume(set={"trainer.epochs": 3}, progress="none").history["epoch"]] == [1, 2, 3]
    with pytest.raises(UsageError, match=r"^set=\{'trainer.batch_size': 1\}: of a run that is gone on with, only"):
        run.resume(set={"trainer.batch_size": 1})


def test_all_problems_of_a_config_are_in_one_error(train):
    with pytest.raises(ConfigError) as told:
        train({**SECTIONS, "architecture": "lsmt"}, set={"trainer.epochs": "many"}, seed=-1)
    lines = str(told.value).splitlines()
    assert lines[0].startswith("config: architecture: unknown architecture 'lsmt' (did you mean lstm?)")
    assert sorted(lines[1:]) == [
        "seed=-1: seed: must be at least 0, not -1",
        "set={'trainer.epochs': 'many'}: trainer.epochs: must be a whole number, not 'many'",
    ]
    assert not Path("runs").exists()


def test_validate_returns_the_problems_as_the_command_prints_them(tmp_path):
    config = tmp_path / "own.yaml"
    config.write_text(f"extends: {CONFIG}\ntrainer:\n  epoch: 3\n")
    [problem] = seqrun.validate(config)
    assert str(problem) == f"{config}:3:3: trainer.epoch: unknown key (did you mean epochs?)"
    assert run_command("validate", config, code=2).stderr.splitlines()[0] == str(problem)
    assert seqrun.validate(CONFIG) == seqrun.validate(SECTIONS) == []


def test_no_error_shows_what_the_environment_lent_to_a_config(train, monkeypatch, tmp_path):
    monkeypatch.setenv("T_PLACE", str(tmp_path / "s3cret"))
    config = {**SECTIONS, "dataset": {**SECTIONS["dataset"], "path": "${env:T_PLACE}/reviews.csv"}}
    with pytest.raises(DataError, match=r"\$\{env:T_PLACE\}/reviews\.csv") as told:
        train(config)
    shown = "".join(traceback.format_exception(told.value))
    assert "s3cret" not in shown and "${env:T_PLACE}/reviews.csv" in shown
    problems = seqrun.validate(config)
    assert problems and not [problem for problem in problems if "s3cret" in str(problem)]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"set": {"dataset": {"name": "series", "path": "nowhere.csv", **SERIES}}}, DataError, r"nowhere\.csv"),
        ({"device": "gpu:99"}, InputError, "device 'gpu:99': TensorFlow sees"),
        ({"set": "trainer.epochs=3"}, InputError, "set 'trainer.epochs=3': is a mapping"),
        ({"runs_dir": "a\0b"}, InputError, "^runs_dir .*: no file can have this path"),
    ],
)
def test_what_cannot_be_trained_is_raised_in_the_words_of_the_command(train, options, error, words):
    with pytest.raises(error, match=words) as told:
        train(CONFIG, **options)
    assert told.value.run is None and not Path("runs").exists()


def test_a_loss_that_diverges_is_an_error_with_the_run_and_a_way_on(train):
    rate = {"trainer.optimizer": {"name": "sgd", "learning_rate": 1e38}}
    with pytest.raises(DivergedError) as told:
        train(CONFIG, set=rate)
    assert seqrun.load(told.value.run).status == "diverged"
    changes = "{'trainer.optimizer.learning_rate': 1e+37}"
    assert told.value.__notes__ == [f"next: seqrun.train('runs/{told.value.run.name}/config.yaml', set={changes})"]


def test_a_stopped_training_is_a_keyboard_interrupt_and_goes_on(train, tmp_path, wait_for):
    def stop():
        wait_for(lambda: [*tmp_path.glob("runs/*/checkpoints/*")])
        os.kill(os.getpid(), signal.SIGINT)

    stopper = threading.Thread(target=stop)
    stopper.start()
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as told:
        train(CONFIG, set={"trainer.epochs": 100_000, "trainer.early_stopping": False})
    stopper.join()
    assert isinstance(told.value, TrainingInterrupted) and signal.getsignal(signal.SIGINT) is handler
    run = seqrun.load(told.value.run)
    assert run.status == "interrupted"
    assert told.value.__notes__ == [f"next: seqrun.load('runs/{run.name}').resume()"]
    epochs = len(run.history) + 1
    resumed = run.resume(set={"trainer.epochs": epochs}, progress="none")
    assert (resumed.status, len(resumed.history)) == ("finished", epochs)


def test_one_thread_can_train_and_a_second_one_is_told_to_wait(train):
    found, errors = [], []

    def work():
        try:
            found.append(train(CONFIG, set={"trainer.epochs": 1, "dataset.limit": 50}))
        except UsageError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.status for run in found] == ["finished"]
    assert "this process is training a run already" in errors[0] and len(errors) == 1
    work()
    assert [json.loads((run.path / "run.json").read_text())["status"] for run in found] == ["finished"] * 2
    assert found[0].metrics["test"] == found[1].metrics["test"]
