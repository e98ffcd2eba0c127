"""Intervals keep their promise on exchangeable data, at each step and for each target; measures are plain counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.tasks.forecasting.intervals import interval_metrics_by_step, mc_interval
from seqrun.training.conformal import fewest_samples
from seqrun.training.intervals import conformal_half_widths, coverage, interval_metrics

pytestmark = pytest.mark.filterwarnings("error")


def skewed(samples, seed):
    """Forecasts and targets (samples, 3, 2) whose errors are skewed, and differ in size by step and target."""
    random = np.random.default_rng(seed)
    predictions = random.normal(size=(samples, 3, 2))
    errors = random.gamma(1.5, size=predictions.shape) - 1
    return predictions + errors * [[1, 10], [2, 20], [3, 30]], predictions


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_conformal_intervals_cover_what_they_promise(level):
    targets, predictions = skewed(6000, seed=0)
    half = conformal_half_widths(targets[:3000], predictions[:3000], level)
    test, forecast = targets[3000:], predictions[3000:]
    np.testing.assert_allclose(coverage(test, forecast - half, forecast + half), level, atol=0.03)


def test_even_few_calibration_samples_cover_at_least_the_level_on_average():
    shares = []
    for seed in range(600):
        targets, predictions = skewed(13, seed)
        half = conformal_half_widths(targets[:12], predictions[:12], 0.8)
        shares.append(np.abs(targets[12] - predictions[12]) <= half)
    assert np.mean(shares) == pytest.approx(11 / 13, abs=0.02)  # rank 11 of 12: ceil(13 * 0.8)


@given(st.integers(1, 60), st.integers(1, 99))
def test_the_half_width_has_the_rank_of_the_finite_sample_quantile(samples, percent):
    errors = np.random.default_rng(samples).permutation(samples) + 1.0
    half = conformal_half_widths(errors[:, None, None], np.zeros((samples, 1, 1)), percent / 100)
    rank = -(-(samples + 1) * percent // 100)  # in whole numbers
    assert half.shape == (1, 1)
    assert half[0, 0] == (rank if rank <= samples else math.inf)


@given(st.integers(1, 99))
def test_the_fewest_samples_are_the_first_of_finite_width(percent):
    few = fewest_samples(percent / 100)
    assert np.isfinite(conformal_half_widths(np.ones((few, 1, 1)), np.zeros((few, 1, 1)), percent / 100)).all()
    if few > 1:
        less = np.ones((few - 1, 1, 1))
        assert np.isinf(conformal_half_widths(less, 0 * less, percent / 100)).all()


def test_a_monte_carlo_interval_keeps_the_middle_of_the_draws():
    draws = np.random.default_rng(0).normal(size=(4001, 5, 2, 1)) * [[1], [3]] + 7
    lower, upper = mc_interval(draws, 0.9)
    assert lower.shape == upper.shape == (5, 2, 1)
    np.testing.assert_allclose(((draws >= lower) & (draws <= upper)).mean(axis=0), 0.9, atol=1e-3)
    np.testing.assert_allclose(lower[:, :, 0].mean(axis=0), [7 - 1.645, 7 - 3 * 1.645], atol=0.1)


def test_interval_metrics_count_bounds_as_covered():
    targets = np.array([[[1.0], [5.0]], [[2.0], [6.0]]])
    lower, upper = np.array([[[1.0], [5.5]], [[3.0], [5.0]]]), np.array([[[2.0], [6.5]], [[5.0], [6.0]]])
    assert interval_metrics(targets, lower, upper) == {"coverage": 0.5, "interval_width": 1.25}
    assert interval_metrics_by_step(targets, lower, upper) == {"coverage": [0.5, 0.5], "interval_width": [1.5, 1.0]}


def test_unbounded_intervals_cover_everything_and_no_samples_nothing():
    one = np.zeros((3, 1, 1))
    assert interval_metrics(one, one - math.inf, one + math.inf) == {"coverage": 1.0, "interval_width": math.inf}
    assert all(map(math.isnan, interval_metrics(one[:0], one[:0], one[:0]).values()))
