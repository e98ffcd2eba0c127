"""Creating, filling and adopting a run directory."""

import csv
import json
import math
import multiprocessing
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from seqrun.errors import UsageError
from seqrun.rundir.directory import FOLDERS, RunDirectory, utc_now
from seqrun.rundir.reading import read_run


def _create(runs_dir: str, _: int) -> str:
    with RunDirectory.create(runs_dir, "imdb_lstm") as run:
        run.update(status="finished")
        return run.path.name


def test_the_name_is_the_utc_time_and_the_experiments_name(tmp_path):
    before = datetime.now(UTC).replace(microsecond=0)
    with RunDirectory.create(tmp_path / "deep" / "runs", "imdb_lstm") as run:
        match = re.fullmatch(r"(\d{8}-\d{6})_imdb_lstm", run.path.name)
    made = datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    assert before <= made <= datetime.now(UTC)


def test_many_processes_at_once_get_a_directory_each(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        names = pool.starmap(_create, [(str(tmp_path), number) for number in range(40)])
    assert len(set(names)) == 40
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    assert any(re.fullmatch(r"\d{8}-\d{6}_imdb_lstm-2", name) for name in names)


@pytest.mark.parametrize("name", ["../../etc/x", "a b/c", "x" * 1000, "ünï"])
def test_no_name_leads_out_of_the_runs_folder(tmp_path, name):
    with RunDirectory.create(tmp_path, name) as run:
        assert run.path.parent == tmp_path


def test_a_runs_folder_that_cannot_be_made_is_a_usage_error(tmp_path):
    (tmp_path / "runs").write_text("a file stands in the way")
    with pytest.raises(UsageError, match="cannot make a run directory"):
        RunDirectory.create(tmp_path / "runs", "x")


def test_updates_merge_into_run_json(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running", seed=1)
        run.update(status="finished", value=math.nan)
        record = json.loads((run.path / "run.json").read_text())
    assert record == {"status": "finished", "seed": 1, "value": None}


def test_history_has_its_columns_in_order_and_every_digit(tmp_path):
    rows = [
        {
            "epoch": 1,
            "seconds": 1.25,
            "val_auc": 0.1 + 0.2,
            "auc": np.float32(0.1),
            "loss": 1 / 3,
            "learning_rate": 1e-3,
        },
        {"epoch": np.int64(2), "seconds": 1.0, "val_auc": math.nan, "auc": 0.5, "loss": 1e-300, "learning_rate": 5e-4},
    ]
    with RunDirectory.create(tmp_path, "x") as run:
        for number, row in enumerate(rows, start=1):
            run.add_epoch(row)
            with (run.path / "history.csv").open() as file:  # complete after each epoch
                written = list(csv.DictReader(file))
            assert len(written) == number
    assert list(written[0]) == ["epoch", "loss", "val_auc", "auc", "learning_rate", "seconds"]
    assert [row["epoch"] for row in written] == ["1", "2"]
    for row, cells in zip(rows, written, strict=True):
        for name, value in row.items():
            assert float(cells[name]) == float(value) or math.isnan(float(value))
    assert math.isnan(float(written[1]["val_auc"]))


def test_the_fixed_columns_stand_at_both_ends(tmp_path):
    names = ["samples_per_second", "auc", "val_loss", "seconds", "loss", "learning_rate", "val_auc", "epoch"]
    with RunDirectory.create(tmp_path, "x") as run:
        run.add_epoch(dict.fromkeys(names, 1))
        header = (run.path / "history.csv").read_text().splitlines()[0]
    assert header == "epoch,loss,val_loss,auc,val_auc,learning_rate,seconds,samples_per_second"


def test_files_stay_inside_and_folders_are_made(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        assert run.write_bytes("artifacts/deep/a.bin", b"\x00").read_bytes() == b"\x00"
        for outside in ("../x.txt", "/tmp/x.txt", "a/../../x"):
            with pytest.raises(ValueError, match="outside"):
                run.write_text(outside, "x")


def test_the_log_can_be_read_while_it_is_written(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.log("first é \udcff")
        assert (run.path / "log.txt").read_text("utf-8") == "first é \\udcff\n"
        run.log("second")
        assert (run.path / "log.txt").read_text("utf-8").splitlines()[1] == "second"


def test_times_are_iso_8601_in_utc():
    assert datetime.fromisoformat(utc_now()).utcoffset().total_seconds() == 0


def test_an_adopted_run_goes_on_where_its_history_is_cut(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running", seed=7)
        for epoch in (1, 2, 3):
            run.add_epoch({"epoch": epoch, "loss": 1 / epoch})
        run.log("before")
    (run.path / ".history.csv.0badcafe.tmp").write_text("what a killed writer left")
    with RunDirectory.open(run.path) as again:
        again.cut(2)
        again.add_epoch({"epoch": 3, "loss": 0.25})
        again.update(status="finished")
        again.log("after")
    found = read_run(run.path)
    assert [row["loss"] for row in found.history] == [1.0, 0.5, 0.25]
    assert (found.record, found.status) == ({"status": "finished", "seed": 7}, "finished")
    assert (run.path / "log.txt").read_text().split() == ["before", "after"]
    assert not list(run.path.glob("*.tmp")) and not list(run.path.glob(".*.tmp"))


def test_a_live_run_cannot_be_adopted(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
        with pytest.raises(UsageError, match="another process"):
            RunDirectory.open(run.path)


@pytest.mark.parametrize("what", ["a pipe", "a folder"])
def test_a_log_that_is_no_file_is_told_before_the_run_is_gone_on_with(tmp_path, what):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
    (run.path / "log.txt").unlink()
    (os.mkfifo if what == "a pipe" else os.mkdir)(run.path / "log.txt")
    with pytest.raises(UsageError, match=r"log\.txt: [iI]s a"):
        RunDirectory.open(run.path)


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("what", ["a file", "a pipe", "a dangling link", "a link to a folder"])
def test_a_folder_that_is_none_is_told_before_the_run_is_gone_on_with(tmp_path, name, what):
    with RunDirectory.create(tmp_path / "runs", "x") as run:
        run.update(status="running")
    path, before = run.path / name, (run.path / "run.json").read_bytes()
    if what.endswith(("link", "to a folder")):
        path.symlink_to(tmp_path if what == "a link to a folder" else tmp_path / "nowhere")
    else:
        (os.mkfifo if what == "a pipe" else Path.touch)(path)
    if what == "a link to a folder":
        RunDirectory.open(run.path).close()
        return
    told = "a link to what is not there" if what == "a dangling link" else "no folder"
    with pytest.raises(UsageError, match=f"{re.escape(str(path))} is {told}; "):
        RunDirectory.open(run.path)
    assert (run.path / "run.json").read_bytes() == before


@pytest.mark.parametrize("folder", [".", "checkpoints", "checkpoints/epoch-00001"])
def test_a_run_in_which_one_may_not_write_is_not_adopted(tmp_path, folder, monkeypatch):
    with RunDirectory.create(tmp_path, "x") as run:
        run.write_text("checkpoints/epoch-00001/manifest.json", "{}")
        run.update(status="running")
    locked = run.path / folder
    monkeypatch.setattr("os.access", lambda path, mode: path != locked)  # root may write everywhere
    with pytest.raises(UsageError, match=f"{re.escape(str(locked))}: no permission to write there"):
        RunDirectory.open(run.path)


def test_what_is_no_run_cannot_be_adopted_and_stays_as_it_is(tmp_path):
    with pytest.raises(UsageError, match="no run"):
        RunDirectory.open(tmp_path)
    assert list(Path(tmp_path).iterdir()) == []


def test_the_log_holds_nothing_that_a_terminal_obeys(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.log("label \x1b[2J\u202e\udcff\n  é\tis odd")
    assert (run.path / "log.txt").read_text("utf-8") == "label \\u001b[2J\\u202e\\udcff\n  é\tis odd\n"
