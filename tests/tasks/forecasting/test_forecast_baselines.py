"""The forecast baselines are what plain loops and scikit-learn make of the same rows, and see no more than these."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.tasks.forecasting import baselines
from seqrun.tasks.forecasting import ridge as module
from seqrun.tasks.forecasting.baselines import last_value, season_known, seasonal_naive

pytestmark = pytest.mark.filterwarnings("error")


def windows(features, values, segments, *, lookback=6, step=1, delay=0, horizon=3, sequence=False):
    """Every window of the segments."""
    rows = np.arange(0, lookback, step)
    ahead = lookback + delay + np.arange(horizon)
    starts = [np.arange(first, end - ahead[-1]) for first, end in segments]
    target_rows = step * (np.arange(len(rows))[:, None] + 1) + delay + np.arange(horizon) if sequence else ahead
    return Windows(features, values, np.concatenate(starts), rows, target_rows, tuple(segments))


def target_of(cut):
    return SeriesTarget(("x",) * cut.values.shape[1], len(cut.horizon_rows))


def mean(train, test):
    return baselines.mean(train, test, target_of(train))


def ridge(train, test):
    return baselines.ridge(train, test, target_of(train))


def forecast_baselines(train, test, period):
    return baselines.forecast_baselines(train, test, period, target_of(train))


def series(rows=120, columns=3, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, columns)).astype(np.float32).cumsum(axis=0)


def waves(count, steps, seed=0):
    """The series of Hands-On Machine Learning, chapter 15: two sines of random frequency and offset, and noise."""
    random = np.random.default_rng(seed)
    frequency1, frequency2, offset1, offset2 = random.random((4, count, 1))
    time = np.linspace(0, 1, steps)
    values = 0.5 * np.sin((time - offset1) * (frequency1 * 10 + 10))
    values += 0.2 * np.sin((time - offset2) * (frequency2 * 20 + 20))
    values += 0.1 * (random.random((count, steps)) - 0.5)
    return values.astype(np.float32).reshape(-1, 1)


def known_targets(cut):
    return cut.values[cut.starts[:, None] + cut.horizon_rows]


@pytest.mark.parametrize("sequence", [False, True])
@pytest.mark.parametrize(("step", "delay"), [(1, 0), (2, 5)])
def test_the_last_value_is_that_of_the_last_input(sequence, step, delay):
    x = series()
    cut = windows(x, x[:, 1:], [(10, 60)], step=step, delay=delay, sequence=sequence)
    forecast = last_value(cut)
    assert forecast.shape == known_targets(cut).shape
    for sample, start in enumerate(cut.starts):
        for values in forecast[sample]:
            np.testing.assert_array_equal(values, x[start + 6 - step, 1:])


@settings(max_examples=80)
@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 9), st.integers(1, 15))
def test_seasonal_naive_goes_back_whole_seasons_to_the_last_known_row(period, step, delay, horizon):
    x = np.arange(100, dtype=np.float32)[:, None]  # each row's value is its number
    cut = windows(x, x, [(0, 40), (50, 100)], step=step, delay=delay, horizon=horizon)
    forecast = seasonal_naive(cut, period)[:, :, 0]
    for sample, start in enumerate(cut.starts):
        first, known = (0 if start < 40 else 50), int(cut.index[sample])
        for number, row in enumerate(start + cut.horizon_rows):
            behind = [r for r in range(first, known + 1) if r % period == row % period]
            expected = max(behind) if known - first + 1 >= period else known
            assert forecast[sample, number] == expected


def test_seasonal_naive_of_an_exact_season_makes_no_error():
    x = np.tile(np.arange(7, dtype=np.float32), 20)[:, None]
    cut = windows(x, x, [(0, 140)], lookback=10, horizon=20)
    np.testing.assert_array_equal(seasonal_naive(cut, 7), known_targets(cut))


def test_where_no_season_has_passed_is_known():
    x = series(60)
    cut = windows(x, x, [(0, 30), (30, 60)], lookback=4)
    np.testing.assert_array_equal(season_known(cut, 4), True)
    lacking = cut.starts[~season_known(cut, 7)]
    np.testing.assert_array_equal(lacking, [0, 1, 2, 30, 31, 32])  # their last input is at most the sixth row


def test_the_mean_is_that_of_the_training_rows():
    x = series()
    train = windows(x, x, [(0, 30), (50, 70)])
    forecast = mean(train, windows(x, x, [(80, 120)]))
    expected = np.mean([*x[0:30].astype(float), *x[50:70].astype(float)], axis=0)
    np.testing.assert_allclose(forecast, np.broadcast_to(expected, forecast.shape), rtol=1e-6)


@pytest.mark.parametrize("block", [100, module.BLOCK])
def test_ridge_is_scikit_learns_with_the_penalty_that_held_out_windows_choose(monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    x = series(400) * np.float32([1, 100, 1e-3]) + np.float32([0, 1000, 0])  # of very unequal features
    train, test = windows(x, x[:, :2] / [1, 100], [(0, 150), (150, 300)]), windows(x, x[:, :2] / [1, 100], [(300, 400)])
    scaler = StandardScaler().fit(x[train.index].astype(float))
    inputs, asked = (
        scaler.transform(x)[cut.starts[:, None] + cut.input_rows].reshape(len(cut), -1) for cut in (train, test)
    )
    targets = known_targets(train).reshape(len(train), -1).astype(float)
    learned = len(train) - len(train) // 5
    errors = {}
    for penalty in module.PENALTIES:
        judged = Ridge(alpha=penalty * learned).fit(inputs[:learned], targets[:learned])
        errors[penalty] = np.mean((judged.predict(inputs[learned:]) - targets[learned:]) ** 2)
    model = Ridge(alpha=min(errors, key=errors.get) * len(train)).fit(inputs, targets)
    forecast = ridge(train, test)
    assert forecast.dtype == np.float64
    np.testing.assert_allclose(forecast, model.predict(asked).reshape(forecast.shape), rtol=1e-3, atol=1e-3)


def test_ridge_finds_a_linear_rule():
    x = series(500, columns=1)
    values = (2 * np.roll(x, 1) - 3 * np.roll(x, 4) + 5).astype(np.float32)  # row t from the rows t-1 and t-4
    train, test = windows(x, values, [(10, 400)], horizon=1), windows(x, values, [(400, 500)], horizon=1)
    np.testing.assert_allclose(ridge(train, test), known_targets(test), atol=1e-2)


def test_ridge_learns_nothing_from_noise():
    x = np.random.default_rng(0).normal(size=(3000, 5)).astype(np.float32)
    train, test = windows(x, x, [(0, 1500)], lookback=50), windows(x, x, [(1500, 3000)], lookback=50)
    assert np.mean((ridge(train, test) - known_targets(test)) ** 2) < 1.02


def test_ridge_draws_windows_and_cuts_long_ones(monkeypatch):
    x = series(3000, columns=2)
    train, test = windows(x, x, [(0, 2000)]), windows(x, x, [(2000, 3000)])
    everything = ridge(train, test)
    monkeypatch.setattr(module, "MOST_WINDOWS", 500)
    drawn = ridge(train, test)
    assert np.abs(drawn - everything).max() > 0
    np.testing.assert_array_equal(ridge(train, test), drawn)
    np.testing.assert_allclose(drawn, everything, atol=5)
    monkeypatch.setattr(module, "MOST_INPUTS", 7)  # three of the six steps
    short = [windows(x, x, [rows], lookback=3) for rows in ((3, 2000), (2003, 3000))]
    np.testing.assert_array_equal(ridge(train, test), ridge(*short))


@pytest.mark.parametrize("count", [1, 3, 6])
def test_ridge_does_with_few_windows_and_constant_features(count):
    x = series(40)
    x[:, 1] = 3
    cut = windows(x, x, [(0, 8 + count)])
    assert len(cut) == count
    assert np.isfinite(ridge(cut, cut)).all()


def test_all_baselines_are_there_but_a_season_that_is_not():
    x = series(200)
    train, test = windows(x, x, [(0, 150)]), windows(x, x, [(150, 200)])
    assert list(forecast_baselines(train, test, 7)) == ["last_value", "seasonal_naive", "mean", "ridge"]
    assert list(forecast_baselines(train, test, None)) == ["last_value", "mean", "ridge"]
    assert list(forecast_baselines(train, test, 60)) == ["last_value", "mean", "ridge"]  # longer than the split
    for forecast in forecast_baselines(train, test, 7).values():
        assert forecast.shape == known_targets(test).shape
        assert forecast.dtype == np.float64


@pytest.mark.parametrize("planted", ["after the forecast", "in the test split"])
def test_no_baseline_sees_what_it_must_not(planted):
    x = series(200)
    changed = x.copy()
    changed[160:] = 1e6
    rows = (100, 160 + 8) if planted == "after the forecast" else (120, 200)

    def forecasts(values):
        train = windows(values, values, [(0, 100)])
        test = windows(values, values, [rows])
        if planted == "in the test split":  # what is learned from training must not change
            return [mean(train, test), ridge(train, windows(x, x, [rows]))]
        return [forecast[test.index < 160] for forecast in forecast_baselines(train, test, 7).values()]

    for before, after in zip(forecasts(x), forecasts(changed), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_last_value_of_the_waves_is_off_by_a_fiftieth():
    x = waves(10_000, 51)
    starts = np.arange(7000, 9000) * 51
    segments = tuple((int(start), int(start) + 51) for start in starts)
    cut = Windows(x, x, starts, np.arange(50), np.array([50]), segments)
    assert np.mean((last_value(cut) - known_targets(cut)) ** 2) == pytest.approx(0.020, abs=0.001)
