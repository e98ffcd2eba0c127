"""Multi-label metrics are scikit-learn's, also where ties, missing labels and empty samples make it hard."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from seqrun.metrics import direction
from seqrun.tasks.multilabel.columns import METRICS
from seqrun.tasks.multilabel.metrics import label_details, metrics_at, multilabel_metrics
from seqrun.tasks.multilabel.thresholds import best_thresholds, kept_thresholds, thresholds_json, undecided_warning

nan = math.nan


@st.composite
def answers(draw):
    """Targets and probabilities (samples, labels), with many ties."""
    samples, labels = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    cells = samples * labels
    targets = draw(st.lists(st.integers(0, 1), min_size=cells, max_size=cells))
    steps = draw(st.lists(st.integers(0, 8), min_size=cells, max_size=cells))
    shape = (samples, labels)
    return np.reshape(targets, shape), np.reshape(steps, shape) / 8


def decided(targets, predicted):
    """What depends on thresholds, by scikit-learn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of f1 that is not defined
        by_label = [oracle.f1_score(*pair, zero_division=nan) for pair in zip(targets.T, predicted.T, strict=True)]
        return {
            "micro_f1": oracle.f1_score(targets.ravel(), predicted.ravel(), zero_division=nan),
            "macro_f1": np.nanmean(by_label),
            "subset_accuracy": oracle.accuracy_score(targets.tolist(), predicted.tolist())
            if targets.shape[1] == 1
            else oracle.accuracy_score(targets, predicted),
            "hamming_loss": oracle.hamming_loss(targets, predicted),
        }


def sklearn(targets, probabilities):
    there = targets.any(axis=0)
    precisions = [
        oracle.average_precision_score(targets[:, n], probabilities[:, n]) for n in np.flatnonzero(there)
    ] or [nan]
    return {
        **decided(targets, (probabilities > 0.5).astype(int)),
        "average_precision": np.mean(precisions),
        "log_loss": oracle.log_loss(targets.ravel(), probabilities.ravel(), labels=[0, 1]),
    }


@given(answers())
def test_metrics_are_scikit_learns(case):
    targets, probabilities = case
    found = multilabel_metrics(targets, probabilities)
    assert found == pytest.approx(sklearn(targets, probabilities), nan_ok=True)
    assert list(found) == list(METRICS)


@given(answers(), st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_a_label_is_predicted_from_its_own_threshold_on(case, eighths):
    targets, probabilities = case
    thresholds = np.array(eighths[: targets.shape[1]]) / 8
    predicted = np.array([[p >= t for p, t in zip(row, thresholds, strict=True)] for row in probabilities]).astype(int)
    expected = {f"{name}_at_thresholds": value for name, value in decided(targets, predicted).items()}
    assert metrics_at(targets, probabilities, thresholds) == pytest.approx(expected, nan_ok=True)


@given(answers())
def test_each_labels_scores_are_scikit_learns(case):
    targets, probabilities = case
    names = [f"l{number}" for number in range(targets.shape[1])]
    details = label_details(targets, probabilities, np.full(len(names), 0.25), names)
    assert list(details) == names
    for number, name in enumerate(names):
        hits, scores = targets[:, number], probabilities[:, number]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = oracle.precision_recall_fscore_support(hits, scores >= 0.25, labels=[1], zero_division=nan)
        expected = dict(zip(("precision", "recall", "f1", "support"), (float(v[0]) for v in values), strict=True))
        expected["average_precision"] = oracle.average_precision_score(hits, scores) if hits.any() else nan
        assert details[name] == pytest.approx({**expected, "threshold": 0.25}, nan_ok=True)


@given(answers())
def test_no_threshold_has_a_better_f1_and_the_chosen_one_is_the_highest_of_the_best(case):
    targets, probabilities = case
    for hits, scores, chosen in zip(targets.T, probabilities.T, best_thresholds(targets, probabilities), strict=True):
        if not hits.any():
            assert chosen == 0.5
            continue
        f1 = {step: oracle.f1_score(hits, scores >= step, zero_division=0) for step in np.unique(scores)}
        best = max(f1.values())
        assert chosen == max(step for step, value in f1.items() if value == pytest.approx(best))


def test_what_is_not_defined_is_nan():
    nothing = multilabel_metrics(np.zeros((3, 2)), np.full((3, 2), 0.1))
    assert nothing["subset_accuracy"] == 1 and nothing["hamming_loss"] == 0
    assert math.isnan(nothing["micro_f1"]) and math.isnan(nothing["macro_f1"])
    assert math.isnan(nothing["average_precision"])
    broken = multilabel_metrics(np.ones((2, 2)), np.array([[0.5, nan], [0.5, 0.5]]))
    assert all(map(math.isnan, broken.values()))
    with pytest.raises(ValueError, match="do not belong together"):
        multilabel_metrics(np.ones((2, 2)), np.ones((2, 3)))


def test_every_metric_has_a_direction_also_at_thresholds():
    assert {direction(f"test.{name}", METRICS) for name in METRICS} == {"min", "max"}
    at = metrics_at(np.eye(2), np.eye(2), np.full(2, 0.5))
    assert {name: direction(name, METRICS) for name in at} == {
        "micro_f1_at_thresholds": "max",
        "macro_f1_at_thresholds": "max",
        "subset_accuracy_at_thresholds": "max",
        "hamming_loss_at_thresholds": "min",
    }


def test_labels_without_a_sample_in_validation_are_told_of():
    assert undecided_warning(np.eye(2), ["a", "b"]) is None
    told = undecided_warning(np.array([[1, 0, 0], [1, 0, 0]]), ["a", "b", "c"])
    assert told == "no validation sample has 2 labels (b, c), so that no threshold could be chosen there: it is 0.5"


def test_thresholds_are_kept_by_the_labels_names():
    kept = json.loads(thresholds_json(["ü;", "b"], np.array([0.125, 1 / 3])))
    np.testing.assert_array_equal(kept_thresholds(kept, ["b", "ü;"]), [1 / 3, 0.125])
    assert kept_thresholds(None, ["b"]) is None
    assert kept_thresholds(kept, ["c"]) is None
