"""The statistical baselines forecast what statsforecast does when each window's rows are handed to it by themselves."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.tasks.forecasting.statistical import baseline as module
from seqrun.tasks.forecasting.statistical.baseline import statistical_baselines
from seqrun.tasks.forecasting.statistical.history import gap_rows

pytestmark = pytest.mark.skipif(find_spec("statsforecast") is None, reason="statsforecast is not installed")

NAMES = ("auto_ets", "auto_theta", "auto_arima")
TRAIN, VALIDATION, ROWS = 100, 130, 200  # where these splits end


def series(seed=0, season=7, rows=ROWS):
    """A trend, a season and noise."""
    random, row = np.random.default_rng(seed), np.arange(rows)
    return 50 + 0.05 * row + 8 * np.sin(2 * np.pi * row / season) + random.normal(0, 1, rows).cumsum() / 2


def cut(values, segments, *, lookback=6, delay=0, horizon=3, step=1, **others):
    """Every window of the segments of values (rows, targets)."""
    ahead = lookback + delay + np.arange(horizon)
    starts = np.concatenate([np.arange(first, end - ahead[-1]) for first, end in segments])
    return Windows(values, values, starts, np.arange(0, lookback, step), ahead, tuple(segments), **others)


def split_up(values, **others):
    """The windows of training, validation and test of one series."""
    borders = ((0, TRAIN), (TRAIN, VALIDATION), (VALIDATION, len(values)))
    return [cut(values, [rows], **others) for rows in borders]


def quiet(**fields):
    return Session(0, lambda event: None, **fields)


def rows_of(train, validation, test):
    """What is learned from, what is forecast, and where rows are missing."""
    target = SeriesTarget(("x",) * test.values.shape[1], len(test.horizon_rows))
    return train.joined(validation), test, gap_rows(Splits(Spec((1, 1), target), train, validation, test))


def forecasts(name, train, validation, test, period, told=None):
    """A baseline's forecasts of the test windows; what was told goes to the list."""
    found, warnings = statistical_baselines([name], *rows_of(train, validation, test), period, quiet())
    assert told is not None or not warnings, warnings
    if told is not None:
        told += warnings
    return found.get(name)


def model_of(name, season):
    from statsforecast.models import AutoARIMA, AutoETS, AutoTheta

    models = {"auto_ets": AutoETS, "auto_theta": AutoTheta, "auto_arima": AutoARIMA}
    return models[name](season_length=season)


def one_by_one(model, values, test, first=0):
    """What a fitted model forecasts of each window when it is handed all rows up to the last input."""
    leads = test.horizon_rows - test.input_rows[-1]
    ahead = [model.forward(values[first : origin + 1], int(leads[-1]))["mean"] for origin in test.index]
    return np.stack(ahead)[:, leads - 1]


@pytest.mark.parametrize(("name", "season"), [*((name, 1) for name in NAMES), ("auto_ets", 7), ("auto_arima", 7)])
def test_forecasts_are_those_of_statsforecast_handed_each_windows_rows(name, season):
    values = series(season=7 if season > 1 else 1000)
    train, validation, test = split_up(values[:, None], step=2, delay=2)
    found = forecasts(name, train, validation, test, season if season > 1 else None)
    assert found.shape == (len(test), 3, 1)
    expected = one_by_one(model_of(name, season).fit(values[:VALIDATION]), values, test)
    np.testing.assert_allclose(found[..., 0], expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["STM", "OTM", "DSTM", "DOTM"])
def test_each_variant_of_theta_forecasts_what_statsforecast_does(kind):
    from statsforecast.models import DynamicOptimizedTheta, DynamicTheta, OptimizedTheta
    from statsforecast.models import Theta as StandardTheta

    from seqrun.tasks.forecasting.statistical.theta import Theta

    kinds = {"STM": StandardTheta, "OTM": OptimizedTheta, "DSTM": DynamicTheta, "DOTM": DynamicOptimizedTheta}
    values = series(season=1000) + 0.3 * np.arange(ROWS)
    fitted = kinds[kind](season_length=1).fit(values[:VALIDATION])
    par = fitted.model_["par"]
    ours = Theta(
        None, par["alpha"], 1.7 if par["theta"] == 1 else par["theta"], par["initial_smoothed"], kind[0] == "D"
    )
    par["theta"] = ours.theta
    origins, leads = np.arange(VALIDATION, ROWS - 9), np.arange(1, 9)
    expected = np.stack([fitted.forward(values[: origin + 1], 8)["mean"] for origin in origins])
    np.testing.assert_allclose(ours.forecasts(values, origins, leads), expected, rtol=1e-9)


@pytest.mark.parametrize("multiplicative", [True, False])
def test_theta_keeps_the_season_of_the_fit(multiplicative):
    from statsmodels.tsa.seasonal import seasonal_decompose

    values = series() - (0 if multiplicative else 60)
    train, validation, test = split_up(values[:, None])
    kind = "multiplicative" if multiplicative else "additive"
    factors = np.resize(seasonal_decompose(values[:VALIDATION], model=kind, period=7).seasonal[:7], ROWS)
    plain = values / factors if multiplicative else values - factors
    ahead = one_by_one(model_of("auto_theta", 1).fit(plain[:VALIDATION]), plain, test)
    rows = factors[test.starts[:, None] + test.horizon_rows]
    expected = ahead * rows if multiplicative else ahead + rows
    np.testing.assert_allclose(forecasts("auto_theta", train, validation, test, 7)[..., 0], expected, rtol=1e-9)


def test_exponential_smoothing_is_that_of_statsmodels():
    from statsforecast.ets import ets_f
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    from seqrun.tasks.forecasting.statistical.ets import ETS

    values = series()
    model = ets_f(values[:VALIDATION], 7, model="AAA", damped=False)
    alpha, beta, gamma, _, level, trend, *seasons = model["par"]
    origins, leads = np.array([VALIDATION, 150, 180]), np.arange(1, 10)
    found = ETS(model).forecasts(values, origins, leads)
    for forecast, origin in zip(found, origins, strict=True):
        other = ETSModel(
            values[: origin + 1],
            trend="add",
            seasonal="add",
            seasonal_periods=7,
            initialization_method="known",
            initial_level=level,
            initial_trend=trend,
            initial_seasonal=seasons[::-1],  # in the order of the rows
        )
        np.testing.assert_allclose(forecast, other.smooth([alpha, beta, gamma]).forecast(9), rtol=1e-8)


def test_arima_is_that_of_statsmodels():
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    from seqrun.tasks.forecasting.statistical.arima import ARIMA

    values = series()
    coefficients = {"ar1": 0.4, "ma1": 0.3, "sma1": -0.6}
    phi, delta = np.array([0.4] + [0.0] * 7), np.zeros(8)
    delta[[0, 6, 7]] = 1, 1, -1  # (1 - B) (1 - B^7)
    theta = np.array([0.3, 0, 0, 0, 0, 0, -0.6, -0.18])
    origins, leads = np.array([VALIDATION, 131, 160]), np.arange(1, 10)
    found = ARIMA(coefficients, {"phi": phi, "theta": theta, "delta": delta}).forecasts(values, origins, leads)
    for forecast, origin in zip(found, origins, strict=True):
        other = SARIMAX(values[: origin + 1], order=(1, 1, 1), seasonal_order=(0, 1, 1, 7))
        np.testing.assert_allclose(forecast, other.filter([0.4, 0.3, -0.6, 1.0]).forecast(9), rtol=1e-4)


def test_arima_goes_on_with_the_line_that_it_was_fitted_with():
    from statsforecast.models import ARIMA as Plain

    from seqrun.tasks.forecasting.statistical.arima import ARIMA

    values = series(season=1000) + 0.5 * np.arange(ROWS)
    origins, leads = np.array([VALIDATION, 140, 180]), np.arange(1, 6)
    for line in ({"include_drift": True}, {"include_mean": True}):
        order = (1, 1, 1) if "include_drift" in line else (2, 0, 1)
        fitted = Plain(order=order, season_length=1, **line).fit(values[:VALIDATION])
        coefficients = dict(fitted.model_["coef"])
        assert {"drift", "intercept"} & {*coefficients}
        ours = ARIMA(coefficients, fitted.model_["model"])
        expected = np.stack([fitted.forward(values[: origin + 1], 5)["mean"] for origin in origins])
        np.testing.assert_allclose(ours.forecasts(values, origins, leads), expected, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_forecast_knows_nothing_of_what_follows_its_origin(name):
    values = series()
    train, validation, test = split_up(values[:, None])
    before = forecasts(name, train, validation, test, 7)
    middle = len(test) // 2
    origin = test.index[middle]
    changed = np.where(np.arange(ROWS) > origin, values[::-1] * 3, values)[:, None]
    after = forecasts(name, train, validation, replace(test, values=changed), 7)
    np.testing.assert_array_equal(before[: middle + 1], after[: middle + 1])
    assert (before[middle + 1 :] != after[middle + 1 :]).any(axis=(1, 2)).all()


DAYS = np.datetime64("2024-01-01") + np.arange(ROWS)
MONTHS = (np.datetime64("2004-01") + np.arange(ROWS)).astype("M8[D]")
BUSINESS_DAYS = np.busday_offset("2024-01-01", np.arange(ROWS))  # row 150 is a Monday


@pytest.mark.parametrize(
    ("times", "axis_step", "missing"),
    [
        *((DAYS, step, 5) for step in (None, "D")),
        *((BUSINESS_DAYS, "B", count) for count in (1, 3, 4, 5)),
        (MONTHS, "MS", 2),
        (np.arange(ROWS) * 0.1, 0.1, 3),
    ],
)
def test_missing_rows_are_bridged_by_the_models_own_forecasts_and_keep_the_season(times, axis_step, missing):
    values = series()
    kept = np.r_[0:150, 150 + missing : ROWS]
    times = times[kept]
    known = values[kept][:, None]
    parts = ([(0, TRAIN)], [(TRAIN, VALIDATION)], [(VALIDATION, 150), (150, len(known))])
    train, validation, test = (replace(cut(known, segments, times=times), step=axis_step) for segments in parts)
    found = forecasts("auto_ets", train, validation, test, 7)[..., 0]
    model = model_of("auto_ets", 7).fit(values[:VALIDATION])
    whole = np.concatenate([values[:150], model.forward(values[:150], missing)["mean"], values[150 + missing :]])
    origins = np.where(test.index >= 150, test.index + missing, test.index)
    expected = np.stack([model.forward(whole[: origin + 1], 3)["mean"] for origin in origins])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_each_series_and_target_has_a_model_of_its_own():
    one, two = (np.stack([series(seed), series(seed + 10)], axis=1) for seed in (1, 2))
    several = np.concatenate([one, two])
    numbers = np.repeat([0, 1], ROWS)
    borders = ((0, TRAIN), (TRAIN, VALIDATION), (VALIDATION, ROWS))
    parts = [cut(several, [(a, b), (a + ROWS, b + ROWS)], series=numbers) for a, b in borders]
    found = forecasts("auto_ets", *parts, 7)
    alone = [forecasts("auto_ets", *split_up(values), 7) for values in (one, two)]
    np.testing.assert_array_equal(found, np.concatenate(alone))


def test_the_last_value_stands_for_a_series_that_cannot_be_fitted_and_a_warning_says_so():
    values = np.stack([series(), np.r_[np.full(VALIDATION, 3.0), series()[VALIDATION:]]], axis=1)
    train, validation, test = split_up(values)
    told = []
    found = forecasts("auto_theta", train, validation, test, 7, told)
    np.testing.assert_array_equal(found[..., 1], np.repeat(values[test.index, 1:], 3, axis=1))
    np.testing.assert_array_equal(found[..., :1], forecasts("auto_theta", *split_up(values[:, :1]), 7))
    assert told == [
        "auto_theta: of 1 of 2 series the forecasts are the last value, for it cannot be fitted: constant rows"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_no_series_can_have_is_left_out_with_a_warning(name):
    values = np.full((ROWS, 1), 3.0)
    told = []
    assert forecasts(name, *split_up(values), 7, told) is None
    assert told == [f"{name} is left out of the baselines: it cannot be fitted: constant rows"]


def test_too_few_rows_are_no_crash():
    values = series()[:, None]
    train, validation = (cut(values, [rows], lookback=1, horizon=1) for rows in ((126, 128), (128, 130)))
    test = cut(values, [(130, ROWS)], lookback=1, horizon=1)
    told = []
    assert forecasts("auto_ets", train, validation, test, 7, told) is None
    assert told == ["auto_ets is left out of the baselines: it cannot be fitted: 4 rows: tiny datasets"]


def test_of_many_rows_the_latest_are_fitted_to_and_a_warning_says_so(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 60)
    values = series()
    train, validation, test = split_up(values[:, None])
    told = []
    found = forecasts("auto_ets", train, validation, test, 7, told)
    expected = one_by_one(model_of("auto_ets", 7).fit(values[VALIDATION - 60 : VALIDATION]), values, test, 70)
    np.testing.assert_allclose(found[..., 0], expected, rtol=1e-9)
    assert len(told) == 1
    assert "latest rows of a series without a gap, 60 at most; there are up to 130 to learn from" in told[0]


@pytest.mark.parametrize("name", ["auto_ets", "auto_arima"])
def test_a_long_season_is_taken_out_and_put_back_and_a_warning_says_so(name):
    from statsmodels.tsa.seasonal import seasonal_decompose

    values = series(season=30)
    train, validation, test = split_up(values[:, None])
    told = []
    found = forecasts(name, train, validation, test, 30, told)
    seasonal = np.resize(seasonal_decompose(values[:VALIDATION], model="additive", period=30).seasonal[:30], ROWS)
    plain = values - seasonal
    ahead = one_by_one(model_of(name, 1).fit(plain[:VALIDATION]), plain, test)
    np.testing.assert_allclose(found[..., 0], ahead + seasonal[test.starts[:, None] + test.horizon_rows], rtol=1e-9)
    assert len(told) == 1
    assert f"{name} has no states for a season of more than 24 rows: this one, of 30" in told[0]
