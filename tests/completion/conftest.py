"""A folder with a config and runs, in which command lines are completed."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import RunMaker


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory: two configs, and two runs in `runs/`, the newer one called b."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text("dataset: waves\narchitecture: {name: gru}\ntrainer: forecaster\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "other.yml").write_text("extends: ../my.yaml\narchitecture: {name: wavenet}\n")
    make = RunMaker(tmp_path / "runs")
    for number, name in enumerate("ab"):
        run = make(name=name, test={"auc": 0.9, "log_loss": 0.3}, settings={"tags": ["good"]})
        run.rename(run.with_name(f"2026112{number}-041530_{name}"))
    return tmp_path
