"""Rows of one run are compared over the test items, and that is never taken for a verdict over seeds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from commands import run_command
from kept_runs import classifier
from sklearn.metrics import roc_auc_score

from seqrun.comparing.items.difference import difference_over_items
from seqrun.comparing.judging import MOST_OVER_ITEMS

N = 300


@pytest.fixture
def kept(make_run):
    """kept("gru", 0.2): a run whose probabilities are so noisy, with its predictions; the AUC is scikit-learn's."""
    random = np.random.default_rng(5)
    targets = random.integers(0, 2, N)

    def kept(name, noise, seed=1, **settings):
        scores = np.clip(0.5 + 0.2 * (targets - 0.5) + noise * random.normal(size=N), 0, 1)
        auc = float(roc_auc_score(targets, scores))
        path = make_run(name=name, seed=seed, test={"auc": auc}, settings={"architecture.name": name, **settings})
        return classifier(path, targets, scores)

    return kept


def rows_of(make_run, *options):
    found = run_command("compare", *make_run.runs_dir.iterdir(), "--json", *options)
    return {row["name"]: row for row in json.loads(found.stdout)}, found.stderr


def test_two_single_runs_are_told_apart_over_items_and_not_over_seeds(make_run, kept):
    good, bad = kept("good", 0.05), kept("bad", 0.5)
    rows, told = rows_of(make_run)
    oracle = difference_over_items(bad, good, "auc")
    row = rows["bad"]
    assert (row["verdict"], row["over"], row["test"]) == ("worse", "items", oracle.test)
    assert (row["difference"], row["interval"]) == (pytest.approx(oracle.difference), pytest.approx(oracle.interval))
    assert row["runs_needed"] is None
    assert "what is over items says nothing of other seeds" in told
    assert "worse (over items)" in run_command("compare", *make_run.runs_dir.iterdir()).stdout


def test_repeats_on_one_side_do_not_make_it_a_verdict_over_seeds(make_run, kept):
    for seed in (1, 2, 3):
        kept("good", 0.05, seed=seed)
    kept("bad", 0.5, seed=2)
    rows, _ = rows_of(make_run)
    assert (rows["bad"]["over"], rows["bad"]["interval"] is not None) == ("items", True)
    kept("bad", 0.5, seed=3)
    assert rows_of(make_run)[0]["bad"]["over"] == "seeds"


def test_what_items_do_not_tell_apart_wants_repeats(make_run, kept):
    for name in ("a", "b"):
        kept(name, 0.3)
    rows, _ = rows_of(make_run)
    (other,) = [row for row in rows.values() if row["verdict"] != "best"]
    assert (other["verdict"], other["over"]) == ("too few runs", "items")
    rows, _ = rows_of(make_run, "--smallest", "0.5")
    assert {row["verdict"] for row in rows.values()} == {"best", "tie"}


@pytest.mark.parametrize("metric", ["auc", "accuracy", "f1", "log_loss"])
def test_only_equal_predictions_are_a_tie_of_themselves(make_run, metric):
    targets = np.repeat([0, 1], 10)
    scores = np.where(targets == 1, 0.9, 0.1)
    for name, own in (("a", scores), ("b", scores), ("c", np.where(targets == 1, 0.8, 0.2))):
        path = make_run(name=name, test={metric: 1.0}, settings={"architecture.name": name})
        classifier(path, targets[::-1], own[::-1], index=np.arange(20)[::-1])
    rows, _ = rows_of(make_run, "--against", "a", "--metric", metric)
    assert (rows["b"]["verdict"], rows["b"]["over"]) == ("tie", "items")
    assert rows["c"]["verdict"] == ("worse" if metric == "log_loss" else "too few runs")  # as good on these few


def test_of_many_single_runs_the_first_are_tested(make_run, kept):
    for number in range(MOST_OVER_ITEMS + 3):
        kept(f"m{number}", 0.1 + number / 50)
    rows, told = rows_of(make_run)
    assert [row["over"] for row in rows.values()].count("items") == MOST_OVER_ITEMS
    assert "2 rows without a test, for there is one run: over test items, only the first 20" in told
