"""The checkpoints of a run that is gone on with: which are taken."""

from __future__ import annotations

import logging
import math
import shutil
from pathlib import Path

import pytest

from seqrun.components.options import Checkpoints
from seqrun.rundir.directory import RunDirectory
from seqrun.running.progress import TRAINING, RunProgress
from seqrun.running.timer import Timer


@pytest.fixture
def kept(tmp_path):
    """kept(name, losses): a run of epochs with these losses and a checkpoint of each epoch."""

    def kept(name: str, *losses: float) -> Path:
        with RunDirectory.create(tmp_path, name) as run:
            run.update(status="running")
            progress, rows = RunProgress(run, Checkpoints(), Timer()), []
            for epoch, loss in enumerate(losses, start=1):
                rows.append({"epoch": epoch, "loss": loss, "val_auc": math.nan, "seconds": epoch / 3})
                run.add_epoch(rows[-1])
                progress.save(TRAINING, epoch, {}, {"history": rows})
        return run.path

    return kept


def epochs(run: Path) -> int:
    with RunDirectory.open(run) as directory:
        return RunProgress(directory, Checkpoints(), Timer()).epochs()


def test_the_newest_is_taken_also_of_a_history_that_is_ahead_or_lost(kept):
    run = kept("x", 0.5, 0.25)
    with RunDirectory.open(run) as directory:
        directory.add_epoch({"epoch": 3, "loss": 0.1})
    assert epochs(run) == 2
    (run / "history.csv").unlink()
    assert epochs(run) == 2


def test_another_runs_is_passed_over(kept, caplog):
    run, other = kept("x", 0.5, 0.25), kept("y", 0.5, 0.75, 0.5)
    shutil.copytree(other / "checkpoints" / "epoch-00003", run / "checkpoints" / "epoch-00003")
    with caplog.at_level(logging.WARNING, "seqrun"):
        assert epochs(run) == 2
    assert "epoch-00003 is of another run: history.csv has other figures" in caplog.text


def test_damaged_ones_are_told_once(kept, caplog):
    run = kept("x", 0.5)
    (run / "checkpoints" / "epoch-00001" / "state.npz").write_bytes(b"")
    with RunDirectory.open(run) as directory, caplog.at_level(logging.WARNING, "seqrun"):
        progress = RunProgress(directory, Checkpoints(), Timer())
        assert progress.epochs() == 0
        assert progress.saved(TRAINING) is None
    assert caplog.text.count("passed over") == 1
