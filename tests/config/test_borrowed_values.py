"""What comes from environment variables is recorded by its reference, not by its value."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from seqrun.components.base import SECTIONS
from seqrun.config.experiment import load_experiment, to_yaml
from seqrun.config.recorded import recorded_experiment
from seqrun.errors import ConfigError
from seqrun.rundir.directory import RunDirectory

SECRET = "s3cret-s3cret"
TEXT = """\
plugins: [parts.py]
dataset: {name: letters, path: "in/${env:T_SECRET}/x.txt", more: ["${env:T_HOME}/a.txt"], max_len: "${env:T_LENGTH}"}
architecture: {name: "${env:T_NET}", units: 7}
trainer: {name: teacher, optimizer: "${env:T_OPTIMIZER}"}
notes: a $${b} ${sweep.key}
tags: ["${env:T_SECRET}"]
sweep: {key: "${env:T_SECRET}!", plain: "$${env:T_SECRET}"}
"""


@pytest.fixture(autouse=True)
def _variables(monkeypatch):
    values = {"SECRET": SECRET, "HOME": "/home/me", "LENGTH": "7", "NET": "small_net", "OPTIMIZER": "sgd"}
    for name, value in values.items():
        monkeypatch.setenv(f"T_{name}", value)


def test_values_are_used_and_references_recorded(project):
    experiment = project.load(TEXT)
    assert experiment.dataset.path == project.folder / "in" / SECRET / "x.txt"
    assert (experiment.dataset.max_len, experiment.trainer.optimizer.name) == (7, "sgd")
    assert (experiment.notes, experiment.sweep["plain"]) == (f"a ${{b}} {SECRET}!", "${env:T_SECRET}")
    assert SECRET not in json.dumps(experiment.resolved()) + to_yaml(experiment) + repr(experiment.borrowed)
    assert experiment.private


def test_the_written_config_is_the_same_experiment_wherever_it_lies(project):
    experiment = project.load(TEXT)
    copy = project.write("elsewhere/config.yaml", to_yaml(experiment))
    assert replace(load_experiment(copy), borrowed=()) == replace(experiment, borrowed=())
    assert to_yaml(load_experiment(copy)) == to_yaml(experiment)


def recorded(experiment):
    config = json.loads(json.dumps(experiment.resolved()))
    paths = [list(each.path) for each in experiment.borrowed]
    return recorded_experiment(config, "run.json", [Path("parts.py").absolute()], paths)


def test_a_record_reads_back_while_the_variables_are_set(project, monkeypatch):
    experiment = project.load(TEXT)
    again = recorded(experiment)
    assert [getattr(again, section) for section in SECTIONS] == [getattr(experiment, each) for each in SECTIONS]
    assert (again.notes, again.tags, again.sweep) == (experiment.notes, experiment.tags, experiment.sweep)
    assert again.resolved() == experiment.resolved()
    monkeypatch.delenv("T_LENGTH")
    with pytest.raises(ConfigError, match="the environment variable T_LENGTH is not set"):
        recorded(experiment)


def test_unequal_values_leave_unequal_records(project, monkeypatch):
    def length() -> str:
        return project.load(TEXT).resolved()["dataset"]["max_len"]

    first, again = length(), length()
    monkeypatch.setenv("T_LENGTH", "8")
    assert first == again != length()
    assert first.startswith("${env:T_LENGTH#")


def test_a_config_without_variables_is_as_it_was(project):
    experiment = project.load(project.valid + "notes: $${env:T_SECRET}\n")
    assert (experiment.borrowed, experiment.private) == ((), False)
    assert experiment.resolved() == experiment.values()


@pytest.mark.parametrize(("private", "mode"), [(True, 0o700), (False, 0o755)])
def test_the_directory_of_a_private_run_is_its_owners_alone(tmp_path, private, mode):
    before = os.umask(0o022)
    try:
        with RunDirectory.create(tmp_path, "x", private=private) as run:
            assert run.path.stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
