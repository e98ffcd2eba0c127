"""The metrics of numbers are scikit-learn's, for each target and as the mean of all."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from seqrun.tasks.regression.metrics import metrics_by_target, regression_metrics

pytestmark = pytest.mark.filterwarnings("error")
ORACLES = {"mae": sk.mean_absolute_error, "rmse": sk.root_mean_squared_error, "r2": sk.r2_score}

NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
SHAPES = st.tuples(st.just(2), st.integers(2, 9), st.integers(1, 3))  # targets and predictions, of samples
PAIRS = SHAPES.flatmap(lambda shape: arrays(float, shape, elements=NUMBERS))


@given(PAIRS)
def test_they_are_scikit_learns(pair):
    targets, predictions = pair
    overall, names = regression_metrics(targets, predictions), [f"t{n}" for n in range(targets.shape[1])]
    each = metrics_by_target(targets, predictions, names)
    for metric, oracle in ORACLES.items():
        expected = oracle(targets, predictions, multioutput="raw_values")
        if metric == "r2":
            expected = np.where(np.ptp(targets, axis=0) == 0, np.nan, expected)
        assert [each[name][metric] for name in names] == pytest.approx(expected.tolist(), nan_ok=True, rel=1e-6)
        assert overall[metric] == pytest.approx(expected.mean(), nan_ok=True, rel=1e-6)


def test_a_constant_target_has_errors_but_no_r2():
    found = metrics_by_target(np.array([[3.0, 1], [3, 2]]), np.array([[3.0, 1], [4, 2]]), ("same", "other"))
    assert found["same"]["mae"] == 0.5
    assert math.isnan(found["same"]["r2"])
    assert found["other"] == {"mae": 0, "rmse": 0, "r2": 1}


@pytest.mark.parametrize("predictions", [np.array([[np.nan], [1]]), np.array([[np.inf], [1]])])
def test_what_is_not_finite_has_no_metrics(predictions):
    assert all(math.isnan(value) for value in regression_metrics(np.ones((2, 1)), predictions).values())


def test_shapes_must_belong_together():
    with pytest.raises(ValueError, match="do not belong together"):
        regression_metrics(np.ones((2, 1)), np.ones(2))


@pytest.mark.parametrize("exponent", [-1000, 1000])
def test_numbers_whose_squares_float64_cannot_hold_have_the_same_metrics_in_their_units(exponent):
    targets, predictions = np.random.default_rng(0).normal(size=(2, 50, 3))
    unit = math.ldexp(1.0, exponent)
    usual, found = (regression_metrics(targets * each, predictions * each) for each in (1.0, unit))
    assert found == {"mae": usual["mae"] * unit, "rmse": usual["rmse"] * unit, "r2": usual["r2"]}
