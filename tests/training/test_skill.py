"""Skill says how much of the best baseline's error a model avoids, whatever the error is; losing is said."""

import math

import pytest

from seqrun.training.skill import best_baseline, losing_warning, skill

CLASSIFIERS = {"majority": {"accuracy": 0.5}, "tfidf_logistic": {"accuracy": 0.8}}
FORECASTS = {"last_value": {"mae": 0.5}, "ridge": {"mae": 0.2}, "mean": {"mae": 4.0}}


@pytest.mark.parametrize(("accuracy", "expected"), [(0.9, 0.5), (0.8, 0.0), (1.0, 1.0), (0.5, -1.5)])
def test_of_a_share_that_is_right_the_error_is_the_rest(accuracy, expected):
    assert skill({"accuracy": accuracy}, CLASSIFIERS, error="accuracy") == pytest.approx(expected)


@pytest.mark.parametrize(("mae", "expected"), [(0.1, 0.5), (0.2, 0.0), (0.0, 1.0), (0.5, -1.5)])
def test_an_error_counts_as_it_is(mae, expected):
    assert skill({"mae": mae}, FORECASTS, error="mae") == pytest.approx(expected)


def test_skill_against_a_baseline_without_error():
    assert skill({"accuracy": 1.0}, {"a": {"accuracy": 1.0}}, error="accuracy") == 0
    assert math.isnan(skill({"accuracy": 0.9}, {"a": {"accuracy": 1.0}}, error="accuracy"))
    assert skill({"mae": 0.0}, {"a": {"mae": 0.0}}, error="mae") == 0
    assert math.isnan(skill({"mae": 0.1}, {"a": {"mae": 0.0}}, error="mae"))


def test_the_best_baseline_has_the_least_error():
    assert best_baseline(CLASSIFIERS, error="accuracy") == "tfidf_logistic"
    assert best_baseline(FORECASTS, error="mae") == "ridge"


def test_a_baseline_whose_error_is_not_defined_does_not_count():
    assert best_baseline({"a": {"mae": math.nan}, "b": {"mae": 3.0}}, error="mae") == "b"
    assert best_baseline({"a": {"mae": math.nan}}, error="mae") is None


@pytest.mark.parametrize("baselines", [{}, {"a": {"mae": math.nan}}])
def test_without_baselines_there_is_no_skill_and_no_warning(baselines):
    assert math.isnan(skill({"mae": 0.9}, baselines, error="mae"))
    assert losing_warning({"mae": 0.9}, baselines, error="mae") is None


def test_losing_to_a_baseline_is_said_with_both_figures():
    text = losing_warning({"accuracy": 0.7123}, CLASSIFIERS, error="accuracy")
    assert text == "the network loses to the baseline tfidf_logistic: test accuracy 0.7123 against 0.8000"
    text = losing_warning({"mae": 40123.4}, {"seasonal_naive": {"mae": 38933.1}}, error="mae")
    assert text == "the network loses to the baseline seasonal_naive: test mae 40123.4 against 38933.1"


@pytest.mark.parametrize("mae", [0.2, 0.1, math.nan])
def test_no_warning_for_a_network_that_does_not_lose(mae):
    assert losing_warning({"mae": mae}, FORECASTS, error="mae") is None
