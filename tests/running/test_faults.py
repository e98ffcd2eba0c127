"""A disk that fills up, and a run directory that goes away, in mid-training."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqrun.components.options import Checkpoints
from seqrun.events.events import Finished
from seqrun.machine.signals import StopSignals
from seqrun.rundir.reading import read_run
from seqrun.running import runner
from seqrun.running.workshop import Workshop

FULL = "No space left on device"


def attempt(tmp_path, monkeypatch, train):
    """How a run ended whose training is `train(directory, progress)`, and what was told at its end."""
    told = []
    experiment = SimpleNamespace(name="x", private=False, loggers=(), trainer=SimpleNamespace(checkpoint=Checkpoints()))

    def prepared(experiment, workshop, emit, timer):
        return SimpleNamespace(experiment=experiment, model=None, timer=timer)

    monkeypatch.setattr(runner, "prepared", prepared)
    monkeypatch.setattr(runner, "_recorded", lambda ready, workshop, directory: ready)
    monkeypatch.setattr(runner, "_train", lambda ready, shop, directory, emit, progress: train(directory, progress))
    ended = runner.run(experiment, Workshop(tmp_path / "runs", None, "CPU", [], [told.append], StopSignals()))
    return ended, told[-1]


def fill_up(monkeypatch):
    """From now on no file of a run directory can be written."""

    def full(path, content):
        raise OSError(errno.ENOSPC, FULL, str(path))

    monkeypatch.setattr("seqrun.rundir.atomic.write_bytes", full)


def test_a_disk_too_full_for_run_json_is_told(tmp_path, monkeypatch):
    def train(directory, progress):
        directory.update(status="running")
        directory.add_epoch({"epoch": 1, "loss": 0.5})
        fill_up(monkeypatch)
        directory.add_epoch({"epoch": 2, "loss": 0.5})

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.exit_code, told.status) == (1, "failed")
    run = Path(ended.path)
    assert told.error == f"{FULL}: {run / 'history.csv'}; and its run.json could not be written: {FULL}"
    assert read_run(run).status == "interrupted"  # what run.json said before
    assert len(read_run(run).history) == 1


def test_a_run_of_which_nothing_could_be_recorded_leaves_no_directory(tmp_path, monkeypatch):
    def train(directory, progress):
        fill_up(monkeypatch)
        directory.update(status="running")

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.path, ended.exit_code, told.status) == (None, 1, "failed")
    assert FULL in told.error
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("away", [shutil.rmtree, lambda run: run.rename(run.with_name("renamed"))])
def test_a_directory_removed_or_renamed_in_mid_training_fails_the_run_in_words(tmp_path, monkeypatch, away):
    def train(directory, progress):
        directory.update(status="running")
        directory.add_epoch({"epoch": 1, "loss": 0.5})
        away(directory.path)
        directory.add_epoch({"epoch": 2, "loss": 0.5})

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.exit_code, told.status, told.next) == (1, "failed", None)
    assert "was removed or renamed while the run was going on" in told.error
    assert not Path(ended.path).exists()


def test_a_checkpoint_does_not_make_a_removed_directory_anew(tmp_path, monkeypatch):
    def train(directory, progress):
        directory.update(status="running")
        shutil.rmtree(directory.path)
        progress.save("training", 1, {}, {})

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.exit_code, told.status) == (1, "failed")
    assert list((tmp_path / "runs").iterdir()) == []


def test_one_that_goes_after_the_last_file_is_no_finished_run_either(tmp_path, monkeypatch):
    def train(directory, progress):
        directory.update(status="running")
        shutil.rmtree(directory.path)
        return SimpleNamespace(seconds=1.0)

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.path, ended.exit_code, told.status) == (None, 1, "failed")


def test_what_cannot_be_removed_of_a_finished_run_does_not_fail_it(tmp_path, monkeypatch):
    def train(directory, progress):
        directory.update(status="running")
        directory.write_text("checkpoints/notes.txt", "a file where folders are expected")
        return Finished(run="x", status="finished", seconds=1.0)

    ended, told = attempt(tmp_path, monkeypatch, train)
    assert (ended.exit_code, told.status) == (0, "finished")
    assert read_run(ended.path).status == "finished"
