"""Forecast metrics are scikit-learn's and the papers' own sums, in original units, whatever the network's are."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as oracle

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.components.units import Units
from seqrun.tasks.forecasting import metrics as module
from seqrun.tasks.forecasting.metrics import (
    METRICS,
    Scores,
    forecast_metrics,
    metrics_by_step,
    naive_mae,
    output_metrics,
)

pytestmark = pytest.mark.filterwarnings("error")
UNITS = Units.of(offset=(10.0, -3.0), scale=(5.0, 0.25))
SCORES = Scores(UNITS, naive_mae=np.array([2.0, 0.125]))
ONE = Scores(Units.of((0.0,), (1.0,)), np.ones(1))


def forecasts(samples=300, horizon=4, targets=2):
    """Targets and forecasts in original units."""
    random = np.random.default_rng(0)
    values = random.normal(size=(samples, horizon, targets))
    scale, offset = (np.array(part[:targets]) for part in (UNITS.scale, UNITS.offset))
    return values * scale + offset, (values + random.normal(size=values.shape) / 2) * scale + offset


def by_loops(targets, predictions, scores):
    """smape and mase as sums over single values, from their definitions."""
    relative, scaled = [], []
    for sample, step, target in np.ndindex(targets.shape):
        y, f = float(targets[sample, step, target]), float(predictions[sample, step, target])
        relative.append(200 * abs(y - f) / (abs(y) + abs(f)) if y or f else 0.0)
        scaled.append(abs(y - f) / scores.naive_mae[target])
    return math.fsum(relative) / len(relative), math.fsum(scaled) / len(scaled)


def flat(values):
    return values.reshape(-1, values.shape[-1])


@pytest.mark.parametrize("block", [1, 7, 10**9])
def test_the_metrics_are_scikit_learns_in_original_units(monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    targets, predictions = forecasts()
    y, f = flat(targets), flat(predictions)
    values = forecast_metrics(targets, predictions, SCORES)
    assert tuple(values) == tuple(METRICS)
    assert values["mae"] == pytest.approx(oracle.mean_absolute_error(y, f), rel=1e-9)
    assert values["mse"] == pytest.approx(oracle.mean_squared_error(y, f), rel=1e-9)
    assert values["rmse"] == pytest.approx(math.sqrt(oracle.mean_squared_error(y, f)), rel=1e-9)
    assert values["r2"] == pytest.approx(oracle.r2_score(y, f), rel=1e-9)
    y, f = y / [5, 0.25], f / [5, 0.25]
    assert values["scaled_mae"] == pytest.approx(oracle.mean_absolute_error(y, f), rel=1e-9)
    assert values["scaled_mse"] == pytest.approx(oracle.mean_squared_error(y, f), rel=1e-9)


def test_smape_and_mase_are_their_definitions():
    targets, predictions = forecasts(samples=50)
    smape, mase = by_loops(targets, predictions, SCORES)
    values = forecast_metrics(targets, predictions, SCORES)
    assert values["smape"] == pytest.approx(smape, rel=1e-9)
    assert values["mase"] == pytest.approx(mase, rel=1e-9)


def test_smape_of_the_m4_competition_lies_between_0_and_200():
    targets = np.array([0, 1, 1, 3], np.float32)[:, None, None]
    for predictions, expected in ((targets, 0), (-targets, 150), (targets * 3, 75)):
        assert forecast_metrics(targets, predictions, ONE)["smape"] == pytest.approx(expected)


def test_each_step_has_the_metrics_of_its_own_samples():
    targets, predictions = forecasts()
    steps = metrics_by_step(targets, predictions, SCORES)
    assert tuple(steps) == tuple(METRICS)
    for step in range(4):
        alone = forecast_metrics(targets[:, step : step + 1], predictions[:, step : step + 1], SCORES)
        assert {name: values[step] for name, values in steps.items()} == pytest.approx(alone, rel=1e-9)


@settings(max_examples=60)
@given(
    arrays(np.float32, (5, 2, 2), elements=st.floats(-100, 100, width=32)),
    arrays(np.float32, (5, 2, 2), elements=st.floats(-100, 100, width=32)),
)
def test_the_metrics_hold_together_for_any_values(targets, predictions):
    values = forecast_metrics(targets, predictions, SCORES)
    smape, mase = by_loops(targets, predictions, SCORES)
    assert values["smape"] == pytest.approx(smape, rel=1e-6, abs=1e-9)
    assert values["mase"] == pytest.approx(mase, rel=1e-6, abs=1e-9)
    assert values["rmse"] >= values["mae"] * (1 - 1e-9)
    assert math.isnan(values["r2"]) or values["r2"] <= 1


def test_a_large_level_does_not_spoil_r2():
    targets, predictions = forecasts(targets=1)
    moved = [np.round(values * 2**10) / 2**10 + 2**30 for values in (targets, predictions)]  # without rounding
    expected = oracle.r2_score(*(flat(values - 2**30) for values in moved))
    assert forecast_metrics(*moved, ONE)["r2"] == pytest.approx(expected, rel=1e-9)


def test_what_is_not_defined_is_nan_and_says_nothing():
    targets = np.full((100_000, 1, 1), 0.1)
    values = forecast_metrics(targets, targets + 1, Scores(ONE.units, np.zeros(1)))
    assert [name for name, value in values.items() if math.isnan(value)] == ["mase", "r2"]
    assert all(map(math.isnan, forecast_metrics(targets[:0], targets[:0], ONE).values()))
    for wrong in (math.nan, math.inf):
        values = forecast_metrics(targets, np.where(np.arange(100_000)[:, None, None] == 3, wrong, targets), ONE)
        assert all(map(math.isnan, values.values()))


def test_a_step_that_is_not_finite_leaves_the_others_alone():
    targets, predictions = forecasts()
    predictions[5, 1, 0] = math.nan
    steps = metrics_by_step(targets, predictions, SCORES)
    assert [math.isnan(value) for value in steps["mae"]] == [False, True, False, False]


def test_shapes_that_do_not_belong_together_are_an_error():
    targets, predictions = forecasts()
    with pytest.raises(ValueError, match="do not belong together"):
        forecast_metrics(targets, predictions[:, :1], SCORES)
    with pytest.raises(ValueError, match="do not belong together"):
        forecast_metrics(targets[:, 0], predictions[:, 0], SCORES)


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
    np.testing.assert_allclose(naive_mae(train, period), np.mean(differences, axis=0))
    assert np.isnan(naive_mae(train, 50)).all()


# --- values that the file lacks, and levels that float32 cannot hold --------------------------------------------------


def with_holes(targets, share=0.3):
    holes = np.random.default_rng(1).random(targets.shape) < share
    return np.where(holes, np.nan, targets), ~holes


def test_values_that_the_file_lacks_do_not_count(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 70)
    targets, predictions = forecasts(samples=100)
    targets, known = with_holes(targets)
    values = forecast_metrics(targets, predictions, SCORES)
    columns = [(targets[..., n][known[..., n]], predictions[..., n][known[..., n]]) for n in (0, 1)]
    errors = [np.abs(y - f) for y, f in columns]
    every = np.concatenate(errors)
    assert values["mae"] == pytest.approx(every.mean(), rel=1e-12)
    assert values["mse"] == pytest.approx((every**2).mean(), rel=1e-12)
    assert values["mase"] == pytest.approx(np.mean([errors[0].mean() / 2, errors[1].mean() / 0.125]), rel=1e-12)
    assert values["r2"] == pytest.approx(np.mean([oracle.r2_score(y, f) for y, f in columns]), rel=1e-12)
    relative = np.concatenate([200 * np.abs(y - f) / (np.abs(y) + np.abs(f)) for y, f in columns])
    assert values["smape"] == pytest.approx(relative.mean(), rel=1e-12)
    assert values["scaled_mae"] == pytest.approx(np.concatenate([errors[0] / 5, errors[1] / 0.25]).mean(), rel=1e-12)
    steps = metrics_by_step(targets, predictions, SCORES)
    expected = [np.abs(targets - predictions)[:, step][known[:, step]].mean() for step in range(4)]
    assert steps["mae"] == pytest.approx(expected, rel=1e-12)


def test_a_forecast_of_what_is_not_known_may_be_anything():
    targets, predictions = forecasts()
    targets[7] = np.nan
    predictions[7] = np.nan
    assert not any(map(math.isnan, forecast_metrics(targets, predictions, SCORES).values()))


def test_the_naive_error_leaves_out_pairs_of_which_the_file_lacks_one():
    values = np.random.default_rng(0).normal(size=(40, 1))
    observed = np.random.default_rng(1).random((40, 1)) < 0.7
    rows = np.arange(1)
    train = Windows(values, values, rows, rows, rows + 1, ((0, 40),), observed=observed)
    pairs = [(row, row - 3) for row in range(3, 40) if observed[row, 0] and observed[row - 3, 0]]
    expected = np.mean([abs(values[one, 0] - values[other, 0]) for one, other in pairs])
    np.testing.assert_allclose(naive_mae(train, 3), [expected])


def test_outputs_are_measured_in_the_units_of_their_series_and_to_the_last_digit():
    """One series near 1.6e9 and one near 50, each with units of its own."""
    random = np.random.default_rng(0)
    values = np.concatenate([1.6e9 + random.normal(size=(50, 1)), 50 + random.normal(size=(50, 1))])
    starts = np.concatenate([np.arange(40), 50 + np.arange(40)])
    series = np.repeat(np.arange(2, dtype=np.int32), 50)
    target = SeriesTarget(("x",), 2, offset=((1.6e9,), (50.0,)), scale=((3.0,), (0.5,)), series=("big", "small"))
    windows = Windows(values, values, starts, np.arange(4), 4 + np.arange(2), ((0, 50), (50, 100)), series=series)
    outputs = random.normal(size=(80, 2, 1)).astype(np.float32)
    found = output_metrics(windows, outputs, Scores(target.units_of(windows.sample_series), np.ones(1)))
    errors, scaled = [], []
    for sample, start in enumerate(starts):
        level, scale = (1.6e9, 3.0) if start < 50 else (50.0, 0.5)
        for step in (0, 1):
            error = abs(values[start + 4 + step, 0] - (float(outputs[sample, step, 0]) * scale + level))
            errors.append(error)
            scaled.append(error / scale)
    assert found["mae"] == pytest.approx(np.mean(errors), rel=1e-12)
    assert found["scaled_mae"] == pytest.approx(np.mean(scaled), rel=1e-12)


@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1000])
def test_values_whose_squares_float64_cannot_hold_have_the_same_metrics_in_their_units(exponent):
    """A power of two changes no digit: what is in original units is so much larger, all else is equal."""
    targets, predictions = forecasts()
    unit = math.ldexp(1.0, exponent)
    usual = forecast_metrics(targets, predictions, SCORES)
    assert usual["rmse"] == pytest.approx(
        oracle.mean_squared_error(flat(targets).ravel(), flat(predictions).ravel()) ** 0.5
    )
    scores = Scores(Units.of(UNITS.offset * unit, UNITS.scale * unit), np.array(SCORES.naive_mae) * unit)
    found = forecast_metrics(targets * unit, predictions * unit, scores)
    assert (found["mse"] == 0) if exponent < 0 else math.isnan(found["mse"])  # 2 ** -2000 and 2 ** 2000
    for name in set(METRICS) - {"mse"}:
        assert found[name] == usual[name] * (unit if name in ("mae", "rmse") else 1)


@pytest.mark.parametrize("block", [5, 10**9])
def test_each_series_of_a_panel_has_a_denominator_of_its_own(monkeypatch, block):
    """A series near 1000 and one near 1 count alike; one that is constant in training is left out."""
    monkeypatch.setattr(module, "BLOCK", block)
    random = np.random.default_rng(0)
    large, small, constant = 1000 * random.normal(size=30), random.normal(size=30), np.full(30, 5.0)
    values = np.concatenate([large, small, constant])[:, None]
    rows, series = np.arange(1), np.repeat(np.arange(3), 30)
    train = Windows(values, values, rows, rows, rows + 1, ((0, 20), (30, 50), (60, 80)), series=series)
    test = replace(train, starts=np.concatenate([np.arange(20, 29), np.arange(50, 54), np.arange(80, 89)]))
    forecast = np.zeros((22, 1, 1))
    target = SeriesTarget(("x",), 1)
    naive = naive_mae(train)
    by_hand = [np.abs(np.diff(part[:20])).mean() for part in (large, small)]
    np.testing.assert_allclose(naive, [*([each] for each in by_hand), [0]])
    errors = [*np.abs(large[21:30]) / by_hand[0], *np.abs(small[21:25]) / by_hand[1]]
    found = forecast_metrics(test.actual(), forecast, Scores.of(target, naive, test))
    assert found["mase"] == pytest.approx(np.mean(errors), rel=1e-12)
    assert output_metrics(test, forecast, Scores.of(target, naive, test)) == pytest.approx(found, nan_ok=True)
