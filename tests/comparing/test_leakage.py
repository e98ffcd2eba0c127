"""What makes a run's test metrics too good is a table in `seqrun show`, the severest first, with what mends it."""

from __future__ import annotations

import json

import pytest
from commands import run_command

EQUAL = {
    "kind": "equal samples",
    "what": "test texts that also stand in training or validation",
    "count": 30,
    "of": 500,
    "mend": "dataset.splits: {keep_together: body}",
    "split": "test",
}
FEW = {**EQUAL, "kind": "near-equal samples", "count": 3}
VALIDATED = {**EQUAL, "what": "validation texts that also stand in training", "split": "validation"}


def leakage(run):
    """The findings as `seqrun show --json` has them."""
    return json.loads(run_command("show", run, "--json").stdout)["leakage"]


def severities(run):
    return [(each["kind"], each["severity"]) for each in leakage(run)]


def test_a_run_without_findings_has_no_table(make_run):
    run = make_run(test={"auc": 0.9})
    assert leakage(run) == []
    assert "leakage" not in run_command("show", run).stdout


def test_findings_are_ranked_by_what_they_do_to_results(make_run):
    run = make_run(leakage=[VALIDATED, FEW, EQUAL], settings={"dataset.validation": "test"})
    assert severities(run) == [
        ("selection on test", "high"),
        ("equal samples", "high"),
        ("near-equal samples", "medium"),
        ("equal samples", "low"),
    ]
    told = run_command("show", run).stdout
    for text in ("30 of 500 test texts", "3 of 500", "{keep_together: body}", "dataset.validation: 0.2"):
        assert text in told
    assert told.index("selection on test") < told.index("30 of 500") < told.index("3 of 500")


def test_equal_samples_have_the_metric_without_them(make_run):
    run = make_run(test={"auc": 0.9}, leakage=[EQUAL])
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "test_without_duplicates": {"auc": 0.85}}))
    [found] = leakage(run)
    assert found["effect"] == "test auc 0.8500 without them, 0.9000 with"


@pytest.mark.parametrize(("runs", "severity"), [(2, "low"), (10, "medium")])
def test_runs_that_looked_at_the_same_test_set_are_counted(make_run, runs, severity):
    made = [make_run(settings={"architecture.units": number + 1}) for number in range(runs)]
    make_run(status="failed", settings={"architecture.units": 90})
    make_run(data={"name": "imdb", "sources": [], "rows": {}, "test_sha256": "other"})
    [found] = leakage(made[0])
    assert (found["kind"], found["count"], found["severity"]) == ("looks at the test set", runs, severity)
    assert "seqrun evaluate RUN --input FILE" in found["mend"]


def test_one_of_several_seeds_is_told_as_such(make_run):
    runs = [make_run(seed=seed) for seed in range(3)]
    make_run(seed=9, settings={"architecture.units": 90})
    found = {each["kind"]: each for each in leakage(runs[0])}
    assert found["best of several seeds"]["count"] == 3
    assert found["looks at the test set"]["count"] == 4


def test_a_scaler_is_said_to_be_fitted_on_training_alone(make_run):
    run = make_run(settings={"dataset.scaler": {"name": "minmax", "per": "series"}})
    [found] = leakage(run)
    assert (found["severity"], found["what"]) == ("none", "minmax, fitted on training rows alone")
    assert "leakage" not in run_command("show", run).stdout


def test_a_record_of_another_shape_is_a_usage_error(make_run):
    run = make_run(leakage=[{"kind": "equal samples"}])
    assert "leakage" in run_command("show", run, code=2).output


def test_a_run_counts_itself_among_those_that_looked_however_old_it_is(make_run, monkeypatch):
    from seqrun.comparing import leakage as module

    monkeypatch.setattr(module, "NEWEST", 2)
    oldest, *_ = [make_run(settings={"architecture.units": number + 1}) for number in range(5)]
    [found] = leakage(oldest)
    assert found["count"] == 3
