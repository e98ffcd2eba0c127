"""Forecast metrics are scikit-learn's and the papers' own sums, in original units, whatever the network's are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as oracle

from seqrun.components.splits import Windows
from seqrun.tasks.forecasting import metrics as module
from seqrun.tasks.forecasting.metrics import METRICS, Units, forecast_metrics, metrics_by_step, naive_mae

pytestmark = pytest.mark.filterwarnings("error")
UNITS = Units(offset=(10.0, -3.0), scale=(5.0, 0.25), naive_mae=(2.0, 0.125))
ONE = Units((0.0,), (1.0,), (1.0,))


def forecasts(samples=300, horizon=4, targets=2):
    random = np.random.default_rng(0)
    values = random.normal(size=(samples, horizon, targets))
    return values.astype(np.float32), (values + random.normal(size=values.shape) / 2).astype(np.float32)


def by_loops(targets, predictions, units):
    """smape and mase as sums over single values, from their definitions."""
    relative, scaled = [], []
    for sample, step, target in np.ndindex(targets.shape):
        y = float(targets[sample, step, target]) * units.scale[target] + units.offset[target]
        f = float(predictions[sample, step, target]) * units.scale[target] + units.offset[target]
        relative.append(200 * abs(y - f) / (abs(y) + abs(f)) if y or f else 0.0)
        scaled.append(abs(y - f) / units.naive_mae[target])
    return math.fsum(relative) / len(relative), math.fsum(scaled) / len(scaled)


def flat(values):
    return values.reshape(-1, values.shape[-1])


@pytest.mark.parametrize("block", [1, 7, 10**9])
def test_the_metrics_are_scikit_learns_in_original_units(monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    targets, predictions = forecasts()
    y, f = flat(UNITS.original(targets)), flat(UNITS.original(predictions))
    values = forecast_metrics(targets, predictions, UNITS)
    assert tuple(values) == tuple(METRICS)
    assert values["mae"] == pytest.approx(oracle.mean_absolute_error(y, f), rel=1e-9)
    assert values["mse"] == pytest.approx(oracle.mean_squared_error(y, f), rel=1e-9)
    assert values["rmse"] == pytest.approx(math.sqrt(oracle.mean_squared_error(y, f)), rel=1e-9)
    assert values["r2"] == pytest.approx(oracle.r2_score(y, f), rel=1e-9)
    assert values["scaled_mae"] == pytest.approx(oracle.mean_absolute_error(flat(targets), flat(predictions)), rel=1e-6)
    assert values["scaled_mse"] == pytest.approx(oracle.mean_squared_error(flat(targets), flat(predictions)), rel=1e-6)


def test_smape_and_mase_are_their_definitions():
    targets, predictions = forecasts(samples=50)
    smape, mase = by_loops(targets, predictions, UNITS)
    values = forecast_metrics(targets, predictions, UNITS)
    assert values["smape"] == pytest.approx(smape, rel=1e-9)
    assert values["mase"] == pytest.approx(mase, rel=1e-9)


def test_smape_of_the_m4_competition_lies_between_0_and_200():
    targets = np.array([0, 1, 1, 3], np.float32)[:, None, None]
    for predictions, expected in ((targets, 0), (-targets, 150), (targets * 3, 75)):
        assert forecast_metrics(targets, predictions, ONE)["smape"] == pytest.approx(expected)


def test_each_step_has_the_metrics_of_its_own_samples():
    targets, predictions = forecasts()
    steps = metrics_by_step(targets, predictions, UNITS)
    assert tuple(steps) == tuple(METRICS)
    for step in range(4):
        alone = forecast_metrics(targets[:, step : step + 1], predictions[:, step : step + 1], UNITS)
        assert {name: values[step] for name, values in steps.items()} == pytest.approx(alone, rel=1e-9)


@settings(max_examples=60)
@given(
    arrays(np.float32, (5, 2, 2), elements=st.floats(-100, 100, width=32)),
    arrays(np.float32, (5, 2, 2), elements=st.floats(-100, 100, width=32)),
)
def test_the_metrics_hold_together_for_any_values(targets, predictions):
    values = forecast_metrics(targets, predictions, UNITS)
    smape, mase = by_loops(targets, predictions, UNITS)
    assert values["smape"] == pytest.approx(smape, rel=1e-6, abs=1e-9)
    assert values["mase"] == pytest.approx(mase, rel=1e-6, abs=1e-9)
    assert values["rmse"] >= values["mae"] * (1 - 1e-9)
    assert math.isnan(values["r2"]) or values["r2"] <= 1


def test_a_large_level_does_not_spoil_r2():
    targets, predictions = forecasts(targets=1)
    moved = [(values + np.float32(4096)).astype(np.float32) for values in (targets, predictions)]
    expected = oracle.r2_score(*(flat(values.astype(np.float64)) for values in moved))
    assert forecast_metrics(*moved, ONE)["r2"] == pytest.approx(expected, rel=1e-9)


def test_what_is_not_defined_is_nan_and_says_nothing():
    targets = np.full((1000, 1, 1), 0.1, np.float32)
    values = forecast_metrics(targets, targets + 1, Units((0.0,), (1.0,), (0.0,)))
    assert [name for name, value in values.items() if math.isnan(value)] == ["mase", "r2"]
    assert all(map(math.isnan, forecast_metrics(targets[:0], targets[:0], ONE).values()))
    for wrong in (math.nan, math.inf):
        values = forecast_metrics(targets, np.where(np.arange(1000)[:, None, None] == 3, wrong, targets), ONE)
        assert all(map(math.isnan, values.values()))


def test_a_step_that_is_not_finite_leaves_the_others_alone():
    targets, predictions = forecasts()
    predictions[5, 1, 0] = math.nan
    steps = metrics_by_step(targets, predictions, UNITS)
    assert [math.isnan(value) for value in steps["mae"]] == [False, True, False, False]


def test_shapes_that_do_not_belong_together_are_an_error():
    targets, predictions = forecasts()
    with pytest.raises(ValueError, match="do not belong together"):
        forecast_metrics(targets, predictions[:, :1], UNITS)
    with pytest.raises(ValueError, match="do not belong together"):
        forecast_metrics(targets[:, 0], predictions[:, 0], UNITS)


def test_units_turn_the_networks_values_into_original_ones():
    np.testing.assert_array_equal(UNITS.original(np.array([[2.0, 4.0]], np.float32)), [[20.0, -2.0]])
    assert UNITS.original(np.ones((1, 2), np.float32)).dtype == np.float64


@pytest.mark.parametrize("period", [1, 3])
def test_the_naive_error_stays_within_segments(period):
    values = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    segments = ((0, 15), (20, 33), (38, 40))  # the last is shorter than a period of 3
    rows = np.arange(1)
    train = Windows(values, values, rows, rows, rows + 1, segments)
    differences = [
        abs(values[row].astype(float) - values[row - period])
        for first, end in segments
        for row in range(first + period, end)
    ]
    expected = np.mean(differences, axis=0) * [2, 10]
    np.testing.assert_allclose(naive_mae(train, period, (2.0, 10.0)), expected)
    assert np.isnan(naive_mae(train, 50)).all()
