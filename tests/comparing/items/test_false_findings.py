"""Tests over test items find nothing between equal runs, but for 5% of cases at most; `benchmarks.items` at length."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.items import classifiers, forecasters, share, taggers

SIMULATIONS = 200
MOST = 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / SIMULATIONS)  # one test of a thousand is above it by chance


@pytest.mark.parametrize("metric", ["accuracy", "auc"])
def test_equal_classifiers_are_not_told_apart(metric):
    assert share(classifiers(100), metric, SIMULATIONS) <= MOST


@pytest.mark.parametrize(("windows", "horizon", "lasting"), [(60, 7, 0.0), (150, 7, 0.8), (150, 1, 0.95)])
def test_equal_forecasts_of_overlapping_windows_are_not_told_apart(windows, horizon, lasting):
    assert share(forecasters(windows, horizon, lasting), "mae", SIMULATIONS) <= MOST


@pytest.mark.parametrize(("draw", "metric"), [(classifiers(100), "f1"), (taggers(60), "span_f1")])
def test_equal_runs_are_not_told_apart_by_the_bootstrap(draw, metric):
    assert share(draw, metric, 60) <= 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / 60)


def test_a_better_classifier_is_found():
    assert share(classifiers(500, 0.8), "auc", 40) > 0.8
