"""The classifier's metrics are scikit-learn's, also where ties, missing classes and rounding make it hard."""

import math
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

from seqrun.tasks.classification.metrics import (
    METRICS,
    balanced_accuracy_at,
    best_threshold,
    classification_metrics,
    reliability,
)

pytestmark = pytest.mark.filterwarnings("error")
nan = math.nan


def guo(confidences, correct):
    """Expected calibration error, written out from the paper's definition."""
    total = 0.0
    for m in range(1, 16):
        low, high = (m - 1) / 15, m / 15
        inside = [i for i, value in enumerate(confidences) if low < value <= high]
        if inside:
            accuracy = sum(bool(correct[i]) for i in inside) / len(inside)
            total += abs(accuracy - sum(confidences[i] for i in inside) / len(inside)) * len(inside)
    return total / len(confidences)


def sklearn_binary(targets, probabilities):
    predicted = (probabilities > 0.5).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "accuracy": oracle.accuracy_score(targets, predicted),
            "auc": oracle.roc_auc_score(targets, probabilities) if 0 < sum(targets) < len(targets) else nan,
            "average_precision": oracle.average_precision_score(targets, probabilities) if any(targets) else nan,
            "balanced_accuracy": oracle.balanced_accuracy_score(targets, predicted),
            "f1": oracle.f1_score(targets, predicted, zero_division=nan),
            "log_loss": oracle.log_loss(targets, probabilities, labels=[0, 1]),
            "calibration_error": guo(np.maximum(probabilities, 1 - probabilities), predicted == targets),
        }


def sklearn_multiclass(targets, probabilities):
    classes = range(probabilities.shape[1])
    predicted = probabilities.argmax(axis=1)
    complete = set(targets) == set(classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one_hot = label_binarize(targets, classes=list(classes))
        return {
            "accuracy": oracle.accuracy_score(targets, predicted),
            "auc": oracle.roc_auc_score(one_hot, probabilities, average="macro") if complete else nan,
            "average_precision": oracle.average_precision_score(one_hot, probabilities) if complete else nan,
            "balanced_accuracy": oracle.balanced_accuracy_score(targets, predicted),
            "f1": oracle.f1_score(targets, predicted, average="macro"),
            "log_loss": oracle.log_loss(targets, probabilities, labels=list(classes)),
            "calibration_error": guo(probabilities.max(axis=1), predicted == targets),
        }


# Few distinct values, so that ties are the rule.
LEVELS = st.sampled_from([0.0, 1e-7, 0.2, 0.31, 0.5, 0.5000001, 0.77, 0.9, 1.0])
BINARY = st.lists(st.tuples(st.integers(0, 1), st.one_of(LEVELS, st.floats(0, 1, width=32))), min_size=1, max_size=40)


@st.composite
def multiclass(draw):
    classes = draw(st.integers(3, 5))
    rows = draw(
        st.lists(st.tuples(st.integers(0, classes - 1), *[st.integers(0, 4)] * classes), min_size=1, max_size=40)
    )
    weights = np.array([row[1:] for row in rows], np.float32) + np.float32(0.1)
    return np.array([row[0] for row in rows]), weights / weights.sum(axis=1, keepdims=True)


@settings(max_examples=200)
@given(BINARY)
def test_two_classes_agree_with_scikit_learn(rows):
    targets, probabilities = np.array([t for t, _ in rows]), np.array([p for _, p in rows], np.float32)
    expected = sklearn_binary(targets, probabilities.astype(float))
    assert classification_metrics(targets, probabilities) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@settings(max_examples=150)
@given(multiclass())
def test_many_classes_agree_with_scikit_learn(case):
    targets, probabilities = case
    expected = sklearn_multiclass(targets, probabilities.astype(float))
    assert classification_metrics(targets, probabilities) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_large_sample_agrees_with_scikit_learn():
    random = np.random.default_rng(3)
    targets = random.integers(0, 2, 25_000)
    probabilities = (0.4 * targets + 0.6 * random.random(25_000)).astype(np.float32)
    expected = sklearn_binary(targets, probabilities.astype(float))
    assert classification_metrics(targets, probabilities) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", [np.int32, np.uint8, bool])
def test_the_targets_type_does_not_matter(kind):
    targets, probabilities = np.array([0, 1, 1, 0, 1]), np.array([0.1, 0.8, 0.4, 0.6, 0.9])
    assert classification_metrics(targets.astype(kind), probabilities) == classification_metrics(targets, probabilities)


def test_many_classes_in_a_small_integer_type_do_not_overflow():
    targets = np.arange(40, dtype=np.uint8)
    assert classification_metrics(targets, np.eye(40))["accuracy"] == 1


def test_a_class_that_never_occurs_leaves_its_ranking_undefined_and_the_rest_defined():
    values = classification_metrics(np.array([0, 1, 1]), np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]]))
    undefined = {name for name, value in values.items() if math.isnan(value)}
    assert undefined == {"auc", "average_precision"}


@pytest.mark.parametrize("target", [0, 1])
def test_one_class_alone_has_no_auc(target):
    assert math.isnan(classification_metrics(np.full(4, target), np.array([0.1, 0.4, 0.6, 0.9]))["auc"])


@pytest.mark.parametrize(
    ("targets", "probabilities"),
    [
        (np.array([], int), np.array([])),
        (np.array([0, 1]), np.array([0.2, nan])),
        (np.array([0, 1]), np.full((2, 3), nan)),
    ],
)
def test_nothing_to_measure_is_nan_in_every_metric(targets, probabilities):
    values = classification_metrics(targets, probabilities)
    assert tuple(values) == tuple(METRICS)
    assert all(math.isnan(value) for value in values.values())


@pytest.mark.parametrize("shape", [(3,), (2, 1), (2, 3, 4), ()])
def test_arrays_that_do_not_belong_together_are_refused(shape):
    with pytest.raises(ValueError, match="do not belong together"):
        classification_metrics(np.array([0, 1]), np.full(shape, 0.5))


def test_an_epoch_of_metrics_takes_less_than_40_ms_of_processor_time():
    random = np.random.default_rng(0)
    targets, probabilities = random.integers(0, 2, 25_000), random.random(25_000).astype(np.float32)
    seconds = []
    for _ in range(7):
        started = time.thread_time()
        classification_metrics(targets, probabilities)
        seconds.append(time.thread_time() - started)
    assert min(seconds) < 0.04


def test_reliability_bins_as_scikit_learn_does():
    random = np.random.default_rng(1)
    promises = np.append(random.random(500) ** 3, [0.0, 0.2, 0.4, 1.0])  # with some on an edge
    events = random.random(504) < promises
    counts, promised, observed = reliability(promises, events)
    expected_observed, expected_promised = calibration_curve(events, promises, n_bins=15)
    assert counts.sum() == 504
    np.testing.assert_allclose(promised[counts > 0], expected_promised)
    np.testing.assert_allclose(observed[counts > 0], expected_observed)


def youden(targets, probabilities, threshold):
    """TPR - FPR times positives times negatives: an exact integer."""
    positives, negatives = int(sum(targets == 1)), int(sum(targets == 0))
    chosen = probabilities >= threshold
    return int(sum(chosen & (targets == 1))) * negatives - int(sum(chosen & (targets == 0))) * positives


@settings(max_examples=150)
@given(BINARY.filter(lambda rows: len({target for target, _ in rows}) == 2))
def test_no_other_threshold_separates_the_classes_better(rows):
    targets, probabilities = np.array([t for t, _ in rows]), np.array([p for _, p in rows], np.float32).astype(float)
    threshold = best_threshold(targets, probabilities)
    assert threshold in probabilities
    reached = max(youden(targets, probabilities, other) for other in probabilities)
    assert youden(targets, probabilities, threshold) == reached
    expected = oracle.balanced_accuracy_score(targets, probabilities >= threshold)
    assert balanced_accuracy_at(targets, probabilities, threshold) == pytest.approx(expected, abs=1e-12)


def test_the_threshold_is_the_one_that_the_roc_curve_names():
    random = np.random.default_rng(5)
    targets = random.integers(0, 2, 3000)
    probabilities = (0.3 * targets + 0.7 * random.random(3000)).astype(np.float32)
    fpr, tpr, thresholds = oracle.roc_curve(targets, probabilities)
    assert best_threshold(targets, probabilities) == thresholds[np.argmax(tpr - fpr)]


def test_scores_worse_than_chance_still_give_a_finite_threshold():
    assert best_threshold(np.array([1, 1, 0, 0]), np.array([0.1, 0.2, 0.8, 0.9])) == 0.1


def test_equal_probabilities_give_that_probability():
    assert best_threshold(np.array([1, 0, 1]), np.full(3, 0.25)) == 0.25


def test_one_class_alone_leaves_the_threshold_at_one_half():
    assert best_threshold(np.array([1, 1]), np.array([0.2, 0.9])) == 0.5
