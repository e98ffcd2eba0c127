"""`seqrun reproduce`, with trainings of a second."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from commands import SMOKE, run_command, train

from seqrun import load
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run
from seqrun.running.runner import Ended


@pytest.fixture(scope="module")
def again(family_run, tmp_path_factory, undrawn):
    """A run, and what reproducing it printed as JSON."""
    run = family_run("bag_of_words")
    folder = tmp_path_factory.mktemp("again")
    options = ("--runs-dir", folder, "--progress", "none", "--json")
    with undrawn():
        return run, json.loads(run_command("reproduce", run, *options).stdout)


def test_on_a_cpu_it_is_identical(again):
    run, found = again
    assert found["verdict"] == "identical" and found["differences"]["identical"]
    new = Path(found["run"])
    assert new != run
    for name in ("model.weights.h5", "predictions.npz", "metrics.json"):
        assert (new / name).read_bytes() == (run / name).read_bytes()


def test_the_new_run_says_which_it_reproduces(again):
    run, found = again
    assert read_run(found["run"]).record["reproduces"] == {"run": run.name, "path": str(run)}
    assert run.name in run_command("show", found["run"]).stdout
    (row,) = json.loads(run_command("compare", run, found["run"], "--json").stdout)
    assert [each["path"] for each in row["runs"]] == [str(run)]  # the seed counts once


def test_a_run_that_is_not_what_the_config_gives_differs(again, tmp_path, monkeypatch):
    run, found = again
    changed = shutil.copytree(run, tmp_path / run.name)
    history = (changed / "history.csv").read_text().splitlines()
    names, row = history[0].split(","), history[1].split(",")
    row[names.index("val_loss")] = "0.5"
    (changed / "history.csv").write_text("\n".join([history[0], ",".join(row)]) + "\n")
    monkeypatch.setattr("seqrun.api.reproducing.train_again", lambda *_: Ended(found["run"], 0))  # that was trained
    ended = run_command("reproduce", changed, "--runs-dir", tmp_path, "--progress", "none", code=1)
    assert ended.stdout.splitlines()[-1].startswith("differs: first epoch 1: val_loss 0.5 and 0.69")
    (same,) = (line.split(None, 2)[2] for line in ended.stdout.splitlines() if line.startswith("the same"))
    assert same == "weights, predictions, metrics"
    assert "--repeats 2" in ended.stderr


def test_python_has_the_same_answer(again, tmp_path, monkeypatch):
    run, found = again
    monkeypatch.setattr("seqrun.api.reproducing.train_again", lambda *_: Ended(found["run"], 0))  # that was trained
    answer = load(run).reproduce(runs_dir=tmp_path, progress="none")
    assert (answer.verdict, str(answer.path)) == ("identical", found["run"])
    assert answer.record["differences"] == found["differences"] and answer.sentence in repr(answer)


def test_python_says_what_cannot_be_reproduced(make_run):
    with pytest.raises(UsageError, match="failed, not finished"):
        load(make_run(status="failed")).reproduce()


@pytest.fixture
def own_copy(family_run, tmp_path) -> tuple[Path, Path]:
    """A run, and the file with its data, which is no other run's."""
    run = shutil.copytree(family_run("text"), tmp_path / "run")
    (source,) = read_run(run).record["data"]["sources"]
    data = shutil.copy(source["path"], tmp_path / "own.csv")
    for name in ("run.json", "config.yaml"):
        (run / name).write_text((run / name).read_text().replace(source["path"], str(data)))
    return run, data


def test_data_that_are_nowhere_are_exit_4_and_leave_nothing(own_copy, tmp_path, undrawn):
    run, data = own_copy
    content = data.read_bytes()
    data.write_bytes(content + b"\nx,y\n")
    assert "holds other data" in run_command("reproduce", run, "--runs-dir", tmp_path / "new", code=4).stderr
    data.unlink()
    run_command("reproduce", run, "--runs-dir", tmp_path / "new", code=4)
    assert not [*(tmp_path / "new").glob("*")]
    (tmp_path / "elsewhere").mkdir()  # where it was moved to
    (tmp_path / "elsewhere" / data.name).write_bytes(content)
    options = ("--runs-dir", tmp_path / "new", "--data-dir", tmp_path / "elsewhere", "--progress", "none")
    with undrawn():
        assert "identical: " in run_command("reproduce", run, *options).stdout


def test_what_cannot_be_reproduced_is_told(make_run, again, tmp_path):
    unfinished = run_command("reproduce", make_run(status="failed"), code=2).stderr
    assert "failed, not finished" in unfinished
    edited = shutil.copytree(again[0], tmp_path / "edited")
    config = (edited / "config.yaml").read_text()
    (edited / "config.yaml").write_text(config.replace("embedding_dim: 8", "embedding_dim: 4"))
    assert "architecture.embedding_dim: 4 for 8" in " ".join(run_command("reproduce", edited, code=2).stderr.split())
    without = shutil.copytree(again[0], tmp_path / "without")
    record = json.loads((without / "run.json").read_text())
    del record["threads"]
    (without / "run.json").write_text(json.dumps(record))
    assert "does not say threads" in " ".join(run_command("reproduce", without, code=2).stderr.split())


PLUGIN = """
from seqrun.components import Outcome, Trainer

class Counting(Trainer):
    '''Counts epochs in place of training, and scores them.'''
    tasks = frozenset({"forecasting"})
    metrics = {"my_score": "max"}

    def fit(self, model, splits, session):
        session.save_row({"epoch": 1, "loss": 1.0, "val_my_score": 1.0})
        return Outcome(1, {"train": {}, "validation": {}, "test": {"my_score": self.epochs}}, {}, None, {}, {})
"""
OWN = """plugins: [counting.py]
dataset: {name: waves, series: 20, lookback: 5}
architecture: linear
trainer: {name: counting, early_stopping: {monitor: val_my_score}}
"""


def test_plugins_are_run_only_if_that_is_allowed(tmp_path):
    (tmp_path / "counting.py").write_text(PLUGIN)
    (tmp_path / "own.yaml").write_text(OWN)
    run = train(tmp_path / "own.yaml", tmp_path / "runs")
    (tmp_path / "counting.py").unlink()  # the run has a copy
    assert "--allow-plugins" in run_command("reproduce", run, code=2).stderr
    options = ("--runs-dir", tmp_path / "again", "--progress", "none", "--allow-plugins")
    assert "identical: " in run_command("reproduce", run, *options).stdout


SHIPPED = ("imdb_lstm", "imdb_transformer", "mnist_vae", "ridership_conv_gru", "waves_wavenet")


@pytest.mark.skipif("REPRODUCE" not in os.environ, reason="REPRODUCE=1 with SEQRUN_DATA_DIR, some minutes")
@pytest.mark.parametrize("config", SHIPPED)
def test_shipped_configs_come_out_identical_on_published_data(config, tmp_path):
    run = train(SMOKE.parent / f"{config}.yaml", tmp_path / "runs", "dataset.limit=1000", "trainer.epochs=2")
    ended = run_command("reproduce", run, "--runs-dir", tmp_path / "again", "--progress", "none")
    assert "identical: " in ended.stdout
