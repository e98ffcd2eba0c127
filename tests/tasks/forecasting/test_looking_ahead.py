"""Nothing that a forecast is made from comes after it: filled values, baselines, and the folds of a backtest."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.series.series import Series
from seqrun.tasks.forecasting.backtest import rolling_origins
from seqrun.tasks.forecasting.baselines import forecast_baselines, mean
from seqrun.tasks.forecasting.fit import season
from seqrun.tasks.forecasting.metrics import Scores, forecast_metrics, naive_mae
from seqrun.tasks.forecasting.options import Forecasting

ROWS, LOOKBACK = 2000, 8
SETTINGS = Forecasting("mse", "auto", None, None)
NOWHERE = Locations(None, emit=lambda event: None)


@pytest.fixture(scope="module")
def walk():
    """A random walk of which 30% is empty."""
    random = np.random.default_rng(0)
    values = random.normal(size=ROWS).cumsum()
    values[1:][random.random(ROWS - 1) < 0.3] = np.nan
    return values


@pytest.fixture
def load(tmp_path):
    def load(values, **fields):
        path = tmp_path / "walk.csv"
        pd.DataFrame({"x": values}).to_csv(path, index=False)
        return Series(path=path, targets=["x"], **{"lookback": LOOKBACK, "horizon": 1, **fields}).load(NOWHERE)

    return load


def last_observed(values, horizon=1):
    """The errors of the last observed value on the test rows, by hand: where there is a value to forecast."""
    errors = []
    for origin in range(int(0.8 * ROWS) + LOOKBACK - 1, ROWS - horizon):
        known = origin
        while np.isnan(values[known]):
            known -= 1
        errors += [abs(values[origin + step] - values[known]) for step in range(1, horizon + 1)]
    return np.array(errors)


@pytest.mark.parametrize("missing", ["interpolate", "ffill"])
@pytest.mark.parametrize("scaler", ["standard", "none"])
@pytest.mark.parametrize("horizon", [1, 4])
def test_the_last_value_of_a_walk_with_gaps_is_no_better_than_by_hand(load, walk, missing, scaler, horizon):
    splits = load(walk, missing=missing, scaler=scaler, horizon=horizon)
    test, target = splits.test, splits.spec.target
    forecast = forecast_baselines(splits.train, test, None, target)["last_value"]
    found = forecast_metrics(test.actual(), forecast, Scores(target.units_of(None), naive_mae(splits.train)))
    expected = last_observed(walk, horizon)
    assert found["mae"] == pytest.approx(np.nanmean(expected), abs=1e-9)
    assert np.isfinite(test.actual()).sum() == np.isfinite(expected).sum()


@pytest.mark.parametrize("missing", ["interpolate", "ffill"])
def test_no_input_and_no_baseline_changes_with_what_comes_after_the_forecast(load, walk, missing):
    """One origin after the other: whatever follows it is replaced."""
    splits = load(walk, missing=missing)
    for origin in (1700, 1701, 1702, 1703, 1950):
        later = walk.copy()
        later[origin + 1 :] = 1e3
        other = load(later, missing=missing)
        one, two = (each.test.taken(each.test.index == origin) for each in (splits, other))
        if not len(one):  # nothing was there to forecast
            continue
        np.testing.assert_array_equal(one.inputs(), two.inputs())
        pairs = [
            forecast_baselines(each.train, windows, 7, each.spec.target)
            for each, windows in ((splits, one), (other, two))
        ]
        for name in pairs[0]:
            np.testing.assert_array_equal(pairs[0][name], pairs[1][name])


def test_ridge_does_not_learn_from_what_the_file_lacks(load):
    """Every fourth value is empty, and would be wrong if it were carried forward."""
    values = np.tile([0.0, 5.0, 1.0, np.nan], 500)
    splits = load(values, missing="ffill", lookback=8)
    forecast = forecast_baselines(splits.train, splits.test, None, splits.spec.target)["ridge"]
    np.testing.assert_allclose(forecast, splits.test.actual(), atol=0.05)


# --- the backtest -----------------------------------------------------------------------------------------------------


def folds_of(splits, folds=4):
    return list(rolling_origins(splits.train.joined(splits.validation), folds))


def test_each_fold_of_a_backtest_has_a_mean_of_its_own_rows(load):
    x = np.random.default_rng(0).normal(size=ROWS).cumsum()
    splits = load(x)
    for number, (learn, judge) in enumerate(folds_of(splits)):
        origin = 1600 * (4 + number) // 8
        expected = x[:origin].mean()
        np.testing.assert_allclose(mean(learn, judge, splits.spec.target), expected, rtol=1e-9)
        np.testing.assert_allclose(naive_mae(learn), [naive(x, origin)])


def naive(x, origin):
    """The mean step between rows of one split, before the origin."""
    steps = np.abs(np.diff(x))
    return np.mean([steps[row] for row in range(origin - 1) if row != 1199])


def test_nothing_of_a_fold_changes_with_what_comes_after_its_origin(load):
    x = 3 * np.sin(np.arange(ROWS) * 2 * np.pi / 12) + np.random.default_rng(0).normal(size=ROWS)
    later = x.copy()
    later[800:] = 5 * np.sin(np.arange(1200) * 2 * np.pi / 30) + 100
    one, other = load(x, scaler="none"), load(later, scaler="none")
    (learn, judge), (learn_too, judge_too) = folds_of(one)[0], folds_of(other)[0]
    target = one.spec.target
    assert season(SETTINGS, learn, target) == season(SETTINGS, learn_too, target) == 12
    np.testing.assert_array_equal(naive_mae(learn, 12), naive_mae(learn_too, 12))
    first = replace(judge, starts=judge.starts[:1]), replace(judge_too, starts=judge_too.starts[:1])
    pairs = forecast_baselines(learn, first[0], 12, target), forecast_baselines(learn_too, first[1], 12, target)
    for name in pairs[0]:
        np.testing.assert_array_equal(pairs[0][name], pairs[1][name])


def test_series_that_adjoin_are_no_single_one(tmp_path):
    """The first series has no test rows, so its last row adjoins the next one's first."""
    days = pd.date_range("2024-01-01", periods=100)
    frame = pd.DataFrame({"id": ["a"] * 80 + ["b"] * 100, "time": [*days[:80], *days], "x": np.arange(180.0)})
    frame.to_csv(tmp_path / "two.csv", index=False)
    bounds = {"train": [None, "2024-02-29"], "validation": ["2024-03-01", "2024-03-20"], "test": ["2024-03-21", None]}
    splits = Series(
        path=tmp_path / "two.csv", targets=["x"], time="time", series_id="id", lookback=3, horizon=1, splits=bounds
    ).load(NOWHERE)
    for learn, judge in folds_of(splits, folds=2):
        for rows in (range(80), range(80, 160)):  # each series' training and validation rows
            assert (
                learn.starts[np.isin(learn.starts, rows)].max() + 3
                < judge.starts[np.isin(judge.starts, rows)].min() + 3
            )
