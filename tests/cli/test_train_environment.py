"""A run whose config uses environment variables: trained, read back, predicted with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commands import SMOKE, predict, run_command, train

SECRET = "-".join(["pa55word", "pa55word"])  # not as a whole in a patch of this file, which runs record


def test_no_file_of_a_run_holds_what_a_variable_held(tmp_path, monkeypatch, undrawn):
    shutil.copytree(SMOKE, tmp_path / "smoke")
    monkeypatch.setenv("T_EPOCHS", "1")
    monkeypatch.setenv("T_SECRET", SECRET)
    settings = ("trainer.epochs=${env:T_EPOCHS}", "notes=${env:T_SECRET}", "tags=['${env:T_SECRET}']")
    with undrawn():
        run = train(tmp_path / "smoke" / "bag_of_words.yaml", tmp_path / "runs", *settings)
    assert run.stat().st_mode & 0o077 == 0
    assert [file for file in run.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()] == []
    assert json.loads((run / "run.json").read_text())["config"]["trainer"]["epochs"].startswith("${env:T_EPOCHS#")
    assert "${env:T_SECRET" in run_command("show", run).stdout
    monkeypatch.delenv("T_SECRET")
    run_command("compare", run)
    told = predict(run, "--text", "a fine film", code=2).stderr
    assert "the environment variable T_SECRET is not set" in told
    monkeypatch.setenv("T_SECRET", "another")
    assert predict(run, "--text", "a fine film").stdout
    assert "valid" in run_command("validate", run / "config.yaml").stdout


def private(folder, monkeypatch):
    """A config whose data lie in a folder that a variable names, with further values from the environment."""
    data = folder / SECRET
    data.mkdir()
    shutil.copyfile(SMOKE / "data" / "reviews.csv", data / "reviews.csv")
    for name, value in {"PLACE": str(data), "LABEL": "rating", "RATE": "0.00123", "LOG": SECRET}.items():
        monkeypatch.setenv(f"T_{name}", value)
    (folder / "own.py").write_text(PLUGIN)
    config = {
        "plugins": ["own.py"],
        "name": "${env:T_LABEL}",
        "dataset": {"name": "text", "path": "${env:T_PLACE}/reviews.csv", "text": "review", "label": "${env:T_LABEL}"},
        "architecture": {"name": "bag_of_words", "embedding_dim": 4},
        "trainer": {
            "name": "own",
            "epochs": 1,
            "batch_size": 1000,
            "optimizer": {"name": "adam", "learning_rate": "${env:T_RATE}"},
        },
        "notes": "${env:T_LOG}",
    }
    return write(folder, config), config


def write(folder, config):
    (folder / "own.yaml").write_text(json.dumps(config))
    return folder / "own.yaml"


PLUGIN = """
import warnings
from typing import Literal
from seqrun.tasks.classification.trainer import Classifier

class Own(Classifier):
    '''Tells what it should not.'''
    name: Literal["own"] = "own"
    fail: bool = False

    def measure(self, model, splits, trained, session):
        warnings.warn(f"read {splits.sources[0].path}")
        if self.fail:
            raise ValueError(f"cannot read {splits.sources[0].path}")
        return super().measure(model, splits, trained, session)
"""


def holding(run):
    return [file for file in run.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]


def test_the_place_of_the_data_is_told_and_recorded_by_its_reference(tmp_path, monkeypatch, undrawn):
    config, values = private(tmp_path, monkeypatch)
    with undrawn():
        done = run_command("train", config, "--runs-dir", tmp_path / "runs", "--progress", "plain")
    run = Path(done.stdout.strip())
    assert run.name.endswith("_rating")  # a name is public, wherever it comes from
    assert SECRET not in done.output and "read ${env:T_PLACE}/reviews.csv" in done.stderr
    assert holding(run) == []
    record = json.loads((run / "run.json").read_text())
    assert record["data"]["sources"][0]["path"] == "${env:T_PLACE}/reviews.csv"
    assert SECRET not in run_command("show", run).output
    resumed = run_command("resume", run, "--allow-plugins", "--set", "trainer.epochs=2", "--progress", "plain")
    assert SECRET not in resumed.output and holding(run) == []
    described = run_command("train", config, "--dry-run").output
    assert SECRET not in described and "path: ${env:T_PLACE}/reviews.csv" in described
    data = tmp_path / SECRET / "reviews.csv"
    data.rename(tmp_path / "away.csv")
    told = run_command("resume", run, "--allow-plugins", "--set", "trainer.epochs=3", code=4).output
    assert "${env:T_PLACE}/reviews.csv" in told and SECRET not in told
    (tmp_path / "away.csv").rename(data)
    # A failure in the midst of it leaves a traceback in the log.
    values["trainer"]["fail"] = True
    failed = run_command("--debug", "train", write(tmp_path, values), "--runs-dir", tmp_path / "runs", code=1)
    run = Path(failed.stdout.strip())
    assert "cannot read ${env:T_PLACE}" in json.loads((run / "run.json").read_text())["error"]
    assert "Traceback" in (run / "log.txt").read_text() and "Traceback" in failed.stderr
    assert SECRET not in failed.output and holding(run) == []


@pytest.mark.parametrize(
    ("section", "setting", "value", "words"),
    [
        ("dataset", "path", "${env:T_PLACE}/other.csv", "${env:T_PLACE}"),
        ("dataset", "text", "${env:T_LOG}", "${env:T_LOG}"),
        ("trainer", "epochs", "${env:T_LOG}", "must be a whole number, not '${env:T_LOG}'"),
        ("trainer", "epochs", "${env:T_LONG}", "must be a whole number, not '${env:T_LONG}'"),
        ("trainer", "epochs", "${env:T_BELOW}", "not ${env:T_BELOW}"),
        ("architecture", "name", "${env:T_LOG}", "'${env:T_LOG}'"),
    ],
)
def test_mistakes_are_told_with_the_reference(tmp_path, monkeypatch, section, setting, value, words):
    _, values = private(tmp_path, monkeypatch)
    monkeypatch.setenv("T_LONG", f"{SECRET} " * 20)
    monkeypatch.setenv("T_BELOW", "-123456")
    values[section][setting] = value
    for command, code in (("validate", 2), ("train", 4 if setting == "path" else 2)):
        told = run_command(command, write(tmp_path, values), code=code).output
        assert words in told
        assert not [part for part in (SECRET, "123456") if part in told]
