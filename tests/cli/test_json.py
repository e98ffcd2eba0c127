"""`--json`: what the tables say, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import SMOKE, run_command

from seqrun.registry import REGISTRIES
from seqrun.running.doctor import Finding


def told(*arguments: object, code: int = 0) -> Any:
    return json.loads(run_command(*arguments, "--json", code=code).stdout)


def test_list_has_all_components_with_what_they_are():
    found = told("list")
    assert {kind: [each["name"] for each in components] for kind, components in found.items()} == {
        f"{kind}s": registry.names() for kind, registry in REGISTRIES.items()
    }
    assert all(each["summary"] for components in found.values() for each in components)


@pytest.mark.parametrize(
    ("kind", "name"), [(f"{kind}s", name) for kind in REGISTRIES for name in REGISTRIES[kind].names()]
)
def test_list_has_all_settings_of_every_component_with_their_defaults(kind, name):
    found = told("list", kind, name)
    fields = REGISTRIES[kind.removesuffix("s")].get(name).model_fields
    assert {each["key"] for each in found["settings"]} == {*fields} - {"name"}
    assert {each["key"] for each in found["settings"] if each["required"]} == {
        key for key, field in fields.items() if field.is_required() and key != "name"
    }


def test_list_gives_numbers_as_numbers_and_choices_with_their_names():
    found = told("list", "trainers", "classifier")
    settings = {each["key"]: each["default"] for each in found["settings"]}
    assert (settings["epochs"], settings["steps_per_epoch"], settings["refit"]) == (100, None, False)
    optimizer = next(each for each in found["groups"] if each["path"] == "optimizer")
    assert "adam" in optimizer["names"]
    assert [each["names"] for each in optimizer["settings"] if each["key"] == "nesterov"] == [["sgd"]]


def test_validate_has_the_problems_of_every_config_and_keeps_its_words(tmp_path):
    (tmp_path / "bad.yaml").write_text("dataset: imdb\narchitecture: lstm\ntrainer: {name: classifier, epoch: 3}\n")
    ended = run_command("validate", SMOKE / "lstm.yaml", tmp_path / "bad.yaml", "--no-data", "--json", code=2)
    good, bad = json.loads(ended.stdout)
    assert good == {"config": str(SMOKE / "lstm.yaml"), "problems": []}
    (problem,) = bad["problems"]
    assert (problem["key"], problem["line"], problem["column"]) == ("trainer.epoch", 3, 29)
    assert problem["message"] in ended.stderr


def test_data_has_sources_and_sizes():
    found = told("data", "ridership", "--data-dir", SMOKE / "data")
    (source,) = found["sources"]
    assert Path(source["path"]).parent == SMOKE / "data"
    assert found["splits"]["validation"] == {"windows": 26, "rows": 151}
    assert told("data", "--clear-cache").keys() == {"removed", "bytes"}


def test_init_has_the_templates(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {"text", "imdb_lstm"} <= {each["template"] for each in told("init")}
    assert told("init", "text") == {"written": "text.yaml"}


def test_doctor_has_its_findings(monkeypatch):
    findings = [Finding("ok", "python", "3.12"), Finding("fail", "disk", "full")]
    monkeypatch.setattr("seqrun.running.doctor.examine", lambda *_: findings)
    assert told("doctor", code=1) == [
        {"verdict": "ok", "subject": "python", "text": "3.12"},
        {"verdict": "fail", "subject": "disk", "text": "full"},
    ]


def test_compare_has_what_its_format_json_has(make_run):
    runs = [make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8}, name="b")]
    assert told("compare", *runs) == json.loads(run_command("compare", *runs, "--format", "json").stdout)
    assert "what is meant" in run_command("compare", *runs, "--json", "--format", "csv", code=2).stderr
