"""A damaged run is told of by name and stops no comparison of others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import run_command


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("run.json", '{"status": "finished", "config": {"dataset": []}}', "config.dataset must be an object, not []"),
        ("run.json", '{"status": "finished", "warnings": [1]}', "warnings.0 must be text, not 1"),
        ("metrics.json", '{"test": {"auc": [0.5]}}', "test.auc must be a finite number, not [0.5]"),
        ("history.csv", "epoch,loss\ninf,1\n", "line 2.epoch must be a whole number from 0 on"),
    ],
)
def test_compare_skips_a_damaged_run_with_its_file_and_reason(make_run, name, content, reason):
    good, bad = make_run(test={"auc": 0.75}), make_run(test={"auc": 0.5}, name="other")
    (bad / name).write_text(content)
    result = run_command("compare", good, bad, "--format", "json")
    assert [row["metrics"]["test.auc"]["mean"] for row in json.loads(result.stdout)] == [0.75]
    assert f"note: skipped {bad / name}: damaged: {reason}" in words(result.stderr)
    assert reason in words(run_command("show", bad, code=2).stderr)
    run_command("compare", bad, code=2)


@pytest.mark.parametrize(
    ("name", "content", "part", "reason"),
    [
        ("metrics.json", "{", "metrics", "damaged: Expecting"),
        ("history.csv", "epoch,loss\ninf,1\n", "history", "damaged: line 2.epoch must be"),
        ("predictions.npz", "no archive", "predictions", "damaged: it is no npz file; metrics, curves and predict do"),
        ("model.weights.h5", "no archive", "weights", "cannot be read as weights"),
    ],
)
def test_diff_leaves_out_the_part_of_a_damaged_file_and_compares_the_rest(make_run, name, content, part, reason):
    row = {"epoch": 1, "loss": 0.5, "val_loss": 0.5}
    good = make_run(test={"auc": 0.75}, history=[row])
    bad = make_run(test={"auc": 0.5}, history=[{**row, "loss": 0.6}], settings={"architecture.units": 64})
    if not (good / name).exists():
        (good / name).write_text("what nobody comes to read")
    (bad / name).write_text(content)
    ended = run_command("diff", bad, good, "--json")
    found = json.loads(ended.stdout)
    assert found["training"]["left_out"] == [part] and not found["training"]["identical"]
    assert reason in words(ended.stderr) and name in ended.stderr
    assert found["config"] == {"architecture.units": [64, 32]}
    assert ("test.auc" in found["metrics"]) == (part != "metrics")
    assert (found["training"]["epoch"] is None) == (part == "history")


EXAMPLE = {"row": 1, "text": "", "target": "a", "prediction": "b", "probability": 0.5}
DETAILS = [
    (
        "classifier",
        {},
        [{"probability": "much", "row": 1, "text": "", "target": "a", "prediction": "b"}],
        "0.probability",
    ),
    ("classifier", {}, [{"probability": 0.5}], "0.row is missing"),
    ("multilabel", {"labels": {"a": {"support": None}}}, [], "labels.a.support"),
    ("forecaster", {"by_step": {"test": {"mae": 0.5}}}, [], "by_step.test.mae must be a list"),
    ("forecaster", {"backtest": {"fold": 1}}, [], "backtest must be a list"),
    ("tagger", {"spans": {"": {"support": 3, "f1": "x"}}}, [], "spans..f1"),
    ("tagger", {}, [{"row": 1, "tokens": ["a"], "targets": [], "predictions": []}], "as many targets"),
    ("autoencoder", {"anomaly": {"threshold": 1.0}}, [], "anomaly.false_alarm_rate is missing"),
    ("regressor", {"by_target": {"test": {"x": {"mae": "x"}}}}, [], "by_target.test.x.mae"),
    ("regressor", {}, [{"row": 1, "text": "", "numbers": {"x": 5}}], "0.numbers.x must be an object"),
]


@pytest.mark.parametrize(("trainer", "details", "examples", "reason"), DETAILS, ids=lambda value: str(value)[:40])
def test_show_tells_what_of_a_tasks_own_results_is_damaged(make_run, trainer, details, examples, reason):
    path = make_run(test={"auc": 0.5}, settings={"trainer.name": trainer})
    metrics = json.loads((path / "metrics.json").read_text())
    (path / "metrics.json").write_text(json.dumps({**metrics, **details}))
    (path / "artifacts").mkdir()
    (path / "artifacts" / "examples.json").write_text(json.dumps(examples))
    told = words(run_command("show", path, code=2).stderr)
    assert reason in told
    assert ("examples.json" if examples else "metrics.json") in told
    assert reason in words(run_command("report", path, "--no-plots").stdout)  # the page shows what there is


def test_results_of_a_users_own_trainer_may_have_any_form(make_run):
    path = make_run(test={"auc": 0.5}, settings={"trainer.name": "my_trainer"})
    metrics = json.loads((path / "metrics.json").read_text())
    (path / "metrics.json").write_text(json.dumps({**metrics, "labels": 3, "tags": ["a"], "by_step": "none"}))
    assert "0.5000" in run_command("show", path).stdout


def not_a_file(path: Path, what: str) -> None:
    """Put something at the path that is no regular file."""
    path.unlink(missing_ok=True)
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if what == "device" else path)


@pytest.mark.parametrize("what", ["folder", "pipe", "device", "link to itself"])
@pytest.mark.parametrize("name", ["run.json", "artifacts/examples.json"])
def test_what_is_no_file_is_named_when_a_run_is_shown(make_run, name, what):
    path = make_run(status="finished")
    (path / "artifacts").mkdir(exist_ok=True)
    not_a_file(path / name, what)
    told = run_command("show", path, code=2).stderr
    assert f"{name}: cannot be read: " in " ".join(told.split())


@pytest.mark.parametrize("to", ["nowhere", "log.txt"])
def test_a_link_that_leads_nowhere_is_a_file_of_no_bytes(make_run, to):
    path = make_run(status="finished")
    (path / "log.txt").unlink(missing_ok=True)
    (path / "log.txt").symlink_to(path / to)
    assert "log.txt" in run_command("show", path).stdout
