"""Learning curves: the points are numpy's means, the law is the one that the errors were made by."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seqrun.comparing.learning.curve import learning_curve
from seqrun.comparing.learning.power_law import NoFit, fit_power_law
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run

SIZES = np.repeat([100, 300, 1000, 3000], 5)


@pytest.fixture
def on_fractions(make_run):
    """on_fractions({0.5: [0.8, 0.9]}): the runs with these metrics, of 1,000 training samples in all."""

    def on_fractions(scores, metric="auc", **record):
        found = {}
        for fraction, values in scores.items():
            data = {"sources": [], "rows": {"train": round(1000 * fraction)}, "test_sha256": record.get("test", "cd")}
            settings = {"dataset.train_fraction": fraction}
            found[fraction] = [
                read_run(make_run(seed=seed, test={metric: value}, settings=settings, data=data))
                for seed, value in enumerate(values)
            ]
        return found

    return on_fractions


@pytest.mark.parametrize(("scale", "exponent", "floor"), [(3.0, 0.5, 0.1), (20.0, 0.9, 0.02), (1.0, 0.2, 0.0)])
def test_the_law_is_found_again(scale, exponent, floor):
    found = fit_power_law(SIZES, scale * SIZES**-exponent + floor)
    assert (found.scale, found.exponent) == (pytest.approx(scale, rel=0.01), pytest.approx(exponent, rel=0.01))
    assert found.floor == pytest.approx(floor, abs=1e-3)
    assert found.error(6000) == pytest.approx(scale * 6000**-exponent + floor, rel=1e-3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    generator, truth = np.random.default_rng(0), 3 * 6000**-0.5 + 0.1
    held = 0
    for _ in range(200):
        found = fit_power_law(SIZES, 3 * SIZES**-0.5 + 0.1 + generator.normal(0, 0.01, len(SIZES)))
        low, high = found.interval(6000)
        held += low <= truth <= high
    assert held / 200 > 0.89


def test_without_a_floor_the_interval_is_that_of_two_unknowns():
    errors = 2 * SIZES**-0.4 + np.tile([-1, -0.5, 0, 0.5, 1], 4) * 1e-3 - 0.05
    found = fit_power_law(SIZES, np.abs(errors))
    assert found.floor == 0 and found.freedom == len(SIZES) - 2
    half = (found.exponent_interval[1] - found.exponent_interval[0]) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 18) * found.covariance[1, 1] ** 0.5)


@pytest.mark.parametrize("sizes", [[100, 1000] * 5, [100, 300, 1000]])
def test_too_few_points_are_told(sizes):
    with pytest.raises(NoFit, match="too few points"):
        fit_power_law(sizes, [0.1] * len(sizes))


@pytest.mark.parametrize("exponent", [0.0, -0.3])
def test_errors_that_do_not_shrink_have_no_law(exponent):
    with pytest.raises(NoFit, match="do not shrink"):
        fit_power_law(SIZES, 0.3 * SIZES**-exponent)


def test_points_are_numpys_means_with_their_t_interval(on_fractions):
    scores = {0.1: [0.6, 0.65, 0.61], 0.3: [0.7, 0.72, 0.74], 1: [0.8, 0.81, 0.79]}
    curve = learning_curve(on_fractions(scores), None)
    assert curve.metric == "test.auc"
    for point in curve.points:
        values = scores[point.fraction]
        low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
        assert point.samples == round(1000 * point.fraction)
        assert point.scores.mean == pytest.approx(np.mean(values))
        assert point.scores.interval == (pytest.approx(low), pytest.approx(high))


def test_twice_the_data_is_expected_by_the_law_of_one_less_the_metric(on_fractions):
    fractions = (0.1, 0.3, 0.6, 1)
    scores = {each: [1 - (2 * (1000 * each) ** -0.5 + 0.05)] * 2 for each in fractions}
    curve = learning_curve(on_fractions(scores), "auc")
    told = curve.record()
    assert told["fit"]["exponent"] == pytest.approx(0.5, rel=0.01) and told["fit"]["of"] == "1 - test.auc"
    assert told["more_data"]["samples"] == 2000
    assert told["more_data"]["mean"] == pytest.approx(1 - (2 * 2000**-0.5 + 0.05), abs=1e-4)


def test_of_an_error_the_law_is_of_itself(on_fractions):
    scores = {each: [5 * (1000 * each) ** -0.3 + 1] * 2 for each in (0.1, 0.3, 0.6, 1)}
    curve = learning_curve(on_fractions(scores, "mae"), "mae")
    assert curve.fitted == "test.mae" and curve.law.exponent == pytest.approx(0.3, rel=0.01)


def test_two_fractions_have_a_curve_without_a_law(on_fractions):
    curve = learning_curve(on_fractions({0.5: [0.7, 0.8], 1: [0.8, 0.9]}), None)
    assert curve.law is None and "too few points" in curve.reason
    assert curve.record()["more_data"] is None


def test_other_test_data_are_told(on_fractions):
    runs = {**on_fractions({0.5: [0.7]}, test="ab"), **on_fractions({1: [0.8]})}
    assert "not measured on equal test data" in learning_curve(runs, None).notes[0]


def test_a_metric_that_no_run_has_is_a_mistake(on_fractions):
    with pytest.raises(UsageError, match=r"unknown metric 'test.acu'.*did you mean"):
        learning_curve(on_fractions({1: [0.8]}), "acu")
