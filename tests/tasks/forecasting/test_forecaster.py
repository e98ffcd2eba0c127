"""The forecaster: whole forecasts, intervals, backtest, and what it leaves of a run."""

import json
import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.tasks.forecasting.backtest import rolling_origins
from seqrun.tasks.forecasting.forecasts import Forecasts
from seqrun.tasks.forecasting.iteration import iterate
from seqrun.tasks.forecasting.statistical import baseline
from seqrun.tasks.forecasting.trainer import Forecaster
from seqrun.training.samples import LARGEST_TABLE, WindowSamples

ROWS, LOOKBACK, HORIZON = 600, 12, 3


def series(rows: int = ROWS, features: int = 1) -> np.ndarray:
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(rows)[:, None] * 2 * np.pi / 6 + np.arange(features))
    return (wave + 0.1 * rng.standard_normal((rows, features))).astype(np.float32)


def cut(begin: int, end: int, features: np.ndarray, values: np.ndarray, sequence: bool = False) -> Windows:
    starts = np.arange(begin, end - LOOKBACK - HORIZON + 1)
    steps = np.arange(HORIZON)
    rows = np.arange(1, LOOKBACK + 1)[:, None] + steps if sequence else LOOKBACK + steps
    return Windows(features, values, starts, np.arange(LOOKBACK), rows, ((begin, end),))


def make_splits(sequence: bool = False, iterated: bool = False, features: int = 1, scale: float = 100.0) -> Splits:
    values = series(features=features)
    target = SeriesTarget(
        tuple("abc"[:features]),
        HORIZON,
        tuple(range(LOOKBACK)) if sequence else None,
        iterated,
        (7.0,) * features,
        (scale,) * features,
    )
    spec = Spec((LOOKBACK, features), target, target_features=tuple(range(features)))
    original = values.astype(np.float64) * scale + 7
    borders = ((0, 366), (366, 480), (480, 600))  # 352 windows, whole batches of 32, to train on
    return Splits(spec, *(cut(*border, values, original, sequence) for border in borders))


def linear(splits: Splits, dropout: float = 0.0) -> keras.Model:
    keras.utils.set_random_seed(1)
    shape = splits.spec.target.output_shape
    inputs = keras.Input(splits.spec.input_shape)
    if splits.spec.target.steps is None:
        hidden = keras.layers.Dropout(dropout)(keras.layers.Flatten()(inputs))
    else:
        hidden = keras.layers.Conv1D(8, 6, padding="causal")(inputs)
    units = int(np.prod(shape)) if splits.spec.target.steps is None else int(np.prod(shape[1:]))
    return keras.Model(inputs, keras.layers.Reshape(shape)(keras.layers.Dense(units)(hidden)))


def fit(splits: Splits, model: keras.Model | None = None, **settings):
    trainer = Forecaster(**{"epochs": 8, "optimizer": {"name": "adam", "learning_rate": 0.03}, **settings})
    return trainer.fit(model or linear(splits), splits, Session(0, emit=lambda event: None))


@pytest.mark.parametrize("kind", [{}, {"sequence": True}, {"iterated": True}, {"features": 2}])
def test_metrics_are_in_original_units_and_of_the_whole_forecast(kind):
    splits = make_splits(**kind)
    outcome = fit(splits)
    saved = outcome.predictions
    assert saved["predictions"].shape == saved["targets"].shape == (106, HORIZON, kind.get("features", 1))
    rows = splits.test.starts[:, None] + LOOKBACK + np.arange(HORIZON)
    np.testing.assert_array_equal(saved["targets"], splits.test.values[rows])
    error = np.abs(saved["targets"].astype(np.float64) - saved["predictions"])
    assert outcome.metrics["test"]["mae"] == pytest.approx(error.mean(), rel=1e-5)
    assert outcome.metrics["test"]["scaled_mae"] == pytest.approx(error.mean() / 100, rel=1e-5)
    steps = outcome.details["by_step"]["test"]["mae"]
    assert steps == pytest.approx(error.mean(axis=(0, 2)), rel=1e-5)
    assert {"last_value", "mean", "ridge", "seasonal_naive"} == outcome.baselines.keys()
    best = min(metrics["mae"] for metrics in outcome.baselines.values())
    assert outcome.skill == pytest.approx(1 - error.mean() / best, rel=1e-5)


@pytest.mark.parametrize("largest_table", [0, LARGEST_TABLE])
def test_a_sequence_is_learnt_at_every_step_and_measured_at_the_last(monkeypatch, largest_table):
    monkeypatch.setattr("seqrun.training.samples.LARGEST_TABLE", largest_table)
    splits = make_splits(sequence=True, features=2)
    samples = WindowSamples(splits.train, splits.spec.target)
    assert samples.tensors[3].shape.rank == (3 if largest_table else 2)
    inputs, targets, _ = samples.batch(samples.tensors, np.array([5, 9]))
    values = splits.train.features
    assert targets.shape == (2, LOOKBACK, HORIZON, 2)
    for row, start in enumerate((5, 9)):
        np.testing.assert_array_equal(inputs[row], values[start : start + LOOKBACK])
        for step in range(LOOKBACK):
            np.testing.assert_array_equal(targets[row, step], values[start + step + 1 : start + step + 1 + HORIZON])
    measured = samples.measured(np.array([5, 9])).actual()
    np.testing.assert_allclose(measured, np.asarray(targets)[:, -1].astype(float) * 100 + 7)


def test_an_iterated_forecast_is_the_network_fed_its_own_output():
    splits = make_splits(iterated=True, features=2)
    model = linear(splits)
    inputs = splits.test.features[splits.test.starts[:4, None] + np.arange(LOOKBACK)]
    forecast = Forecasts(model, splits.spec)(inputs)
    window = inputs.copy()
    for step in range(HORIZON):
        expected = model.predict(window, verbose=0)[:, 0]
        np.testing.assert_allclose(forecast[:, step], expected, atol=1e-5)
        window = np.concatenate([window[:, 1:], expected[:, None]], axis=1)


def test_iteration_puts_each_target_into_its_feature():
    inputs = np.zeros((1, 3, 2), np.float32)
    seen = []

    def one_step(window):
        seen.append(window[0, -1].tolist())
        return np.array([[[1.0, 2.0]]], np.float32)

    iterate(one_step, inputs, 2, target_features=(1, 0))
    assert seen == [[0.0, 0.0], [2.0, 1.0]]


def test_conformal_intervals_hold_and_are_saved_for_later():
    outcome = fit(make_splits(), intervals={"name": "conformal", "level": 0.8})
    saved, test = outcome.predictions, outcome.metrics["test"]
    inside = (saved["lower"] <= saved["targets"]) & (saved["targets"] <= saved["upper"])
    assert test["coverage"] == pytest.approx(inside.mean())
    assert 0.65 < test["coverage"] < 0.95
    assert outcome.details["by_step"]["test"]["coverage"] == pytest.approx(inside.mean(axis=(0, 2)))
    assert test["interval_level"] == 0.8
    widths = np.array(json.loads(outcome.artifacts["intervals.json"])["half_widths"])
    np.testing.assert_allclose((saved["upper"] - saved["predictions"])[0], widths, rtol=1e-4)


def test_intervals_without_bounds_are_told_with_the_samples_that_they_want():
    splits = make_splits()
    told = fit(splits, epochs=1, intervals={"name": "conformal", "level": 0.995}).warnings
    assert f"wants at least 199 validation samples, and there are {len(splits.validation)}:" in told[0]
    assert not any("without bounds" in each for each in fit(splits, epochs=1).warnings)


def without(splits: Splits, share: float = 0.2) -> Splits:
    """The same splits, of whose values the file lacks a share."""
    observed = np.random.default_rng(1).random(splits.train.values.shape) >= share
    named = {name: replace(getattr(splits, name), observed=observed) for name in ("train", "validation", "test")}
    return replace(splits, **named)


@pytest.mark.parametrize(
    ("kind", "intervals"),
    [
        *((kind, "conformal") for kind in ({}, {"sequence": True}, {"iterated": True}, {"features": 2})),
        ({"features": 2}, False),
    ],
)
def test_what_the_file_lacks_is_measured_nowhere(kind, intervals):
    splits = without(make_splits(**kind))
    outcome = fit(splits, epochs=2, batch_size=1000, intervals=intervals, backtest={"folds": 1})
    saved, test = outcome.predictions, outcome.metrics["test"]
    rows = splits.test.starts[:, None] + LOOKBACK + np.arange(HORIZON)
    known = splits.test.observed[rows]
    np.testing.assert_array_equal(np.isnan(saved["targets"]), ~known)
    error = np.abs(saved["targets"] - saved["predictions"])
    assert test["mae"] == pytest.approx(error[known].mean())
    last = splits.test.values[splits.test.index][:, None]
    assert outcome.baselines["last_value"]["mae"] == pytest.approx(np.abs(saved["targets"] - last)[known].mean())
    by_step = [error[:, step][known[:, step]].mean() for step in range(HORIZON)]
    assert outcome.details["by_step"]["test"]["mae"] == pytest.approx(by_step)
    assert np.isfinite(outcome.details["backtest"][0]["metrics"]["mae"])
    if intervals:
        inside = (saved["lower"] <= saved["targets"]) & (saved["targets"] <= saved["upper"])
        assert test["coverage"] == pytest.approx(inside[known].mean())
        assert test["interval_width"] == pytest.approx((saved["upper"] - saved["lower"])[known].mean())


def test_intervals_of_series_with_scales_of_their_own_are_as_wide_as_each_varies():
    values = series()
    original = values.astype(np.float64) * np.repeat([1e6, 1.0], 300)[:, None] + 5
    numbers = np.repeat(np.arange(2, dtype=np.int32), 300)
    target = SeriesTarget(("x",), HORIZON, offset=((5.0,), (5.0,)), scale=((1e6,), (1.0,)), series=("big", "small"))

    def of(*borders: tuple[int, int]) -> Windows:
        parts = [cut(*border, values, original) for border in borders]
        both = parts[0].joined(parts[1])
        return replace(both, series=numbers)

    halves = (of((0, 180), (300, 480)), of((180, 240), (480, 540)), of((240, 300), (540, 600)))
    splits = Splits(Spec((LOOKBACK, 1), target, target_features=(0,)), *halves)
    outcome = fit(splits)
    saved, small = outcome.predictions, splits.test.starts >= 300
    width = (saved["upper"] - saved["lower"])[..., 0]
    np.testing.assert_allclose(width[~small] / width[small], 1e6)
    for part in (small, ~small):
        inside = (saved["lower"] <= saved["targets"]) & (saved["targets"] <= saved["upper"])
        assert inside[part].mean() > 0.6
    assert json.loads(outcome.artifacts["intervals.json"])["scaled"] is True
    by_hand = np.abs(saved["targets"] - saved["predictions"]) / np.where(small, 1, 1e6)[:, None, None]
    assert outcome.metrics["test"]["scaled_mae"] == pytest.approx(by_hand.mean())


def test_monte_carlo_dropout_spreads_the_forecasts_and_leaves_the_model_as_it_was():
    splits = make_splits()
    keras.utils.set_random_seed(1)
    inputs = keras.Input((LOOKBACK, 1))
    hidden = keras.layers.BatchNormalization()(keras.layers.Dropout(0.2)(keras.layers.Flatten()(inputs)))
    model = keras.Model(inputs, keras.layers.Reshape((HORIZON, 1))(keras.layers.Dense(HORIZON)(hidden)))
    outcome = fit(splits, model, intervals={"name": "mc_dropout", "samples": 30})
    saved = outcome.predictions
    assert (saved["upper"] > saved["lower"]).all()
    before = model.get_weights()
    draws = Forecasts(model, splits.spec).draws(np.ones((2, LOOKBACK, 1), np.float32), 4)
    assert draws.shape == (4, 2, HORIZON, 1)
    assert not np.allclose(draws[0], draws[1])
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert all(layer.trainable for layer in model.layers)


def test_monte_carlo_dropout_of_a_network_without_dropout_is_refused():
    with pytest.raises(UsageError, match="this one has none"):
        fit(make_splits(), intervals="mc_dropout")


def test_no_intervals_when_switched_off():
    outcome = fit(make_splits(), intervals=False)
    assert "coverage" not in outcome.metrics["test"]
    assert "lower" not in outcome.predictions
    assert "intervals.json" not in outcome.artifacts


def test_rolling_origins_never_learn_from_what_they_are_judged_on():
    splits = make_splits()
    windows = splits.train.joined(splits.validation)
    last_origin = 0
    for learn, judge in rolling_origins(windows, 4):
        learnt = (learn.starts[:, None] + learn.horizon_rows).max()
        judged = judge.starts[:, None] + judge.horizon_rows
        assert learnt < judged.min()
        assert judged.max() < 480  # the test split begins there
        assert judged.min() > last_origin
        last_origin = judged.max()
    assert last_origin == 479


def test_a_backtest_reports_each_fold_and_changes_nothing_else():
    splits = make_splits()
    models = [linear(splits), linear(splits)]
    at_once = {"batch_size": 1000}  # so that each fold compiles one program
    plain, tested = fit(splits, models[0], **at_once), fit(splits, models[1], backtest={"folds": 2}, **at_once)
    assert [fold["fold"] for fold in tested.details["backtest"]] == [1, 2]
    assert tested.details["backtest"][0]["metrics"]["mae"] > 0
    assert tested.details["backtest"][0]["baselines"].keys() == tested.baselines.keys()
    assert tested.metrics["test"] == plain.metrics["test"]
    pairs = zip(models[0].get_weights(), models[1].get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_backtest_of_series_that_are_one_window_each_is_refused():
    values = series(600)
    starts = np.arange(0, 600, LOOKBACK + HORIZON)
    segments = tuple((int(start), int(start) + LOOKBACK + HORIZON) for start in starts)
    numbers = np.repeat(np.arange(len(starts)), LOOKBACK + HORIZON)
    rows = (np.arange(LOOKBACK), LOOKBACK + np.arange(HORIZON))
    windows = Windows(values, values, starts, *rows, segments, series=numbers)
    with pytest.raises(UsageError, match="one window each"):
        list(rolling_origins(windows, 2))


def test_a_baseline_of_its_own_counts_like_the_usual_ones_and_what_is_told_of_it_is_a_warning(monkeypatch):
    """The model, a stand-in, knows the test split."""
    splits = make_splits()

    class Seer:
        def forecasts(self, values, origins, leads):
            return splits.test.values[480 - 100 + origins[:, None] + leads, 0]  # counted from the first row of the fit

    monkeypatch.setattr(baseline, "MODELS", {"auto_ets": lambda values, season: Seer()})
    monkeypatch.setattr(baseline, "MOST_ROWS", 100)
    monkeypatch.setattr(baseline, "find_spec", lambda name: object())
    outcome = fit(splits, epochs=1, period=6, baselines=["auto_ets"])
    assert outcome.baselines["auto_ets"]["mae"] == 0
    assert outcome.details["by_step"]["baselines"]["auto_ets"]["mae"] == [0] * HORIZON
    assert math.isnan(outcome.skill)  # beside a forecast without error
    told = [warning for warning in outcome.warnings if "auto_ets" in warning]
    assert len(told) == 2
    assert "100 at most; there are up to 480 to learn from" in told[0]
    assert "the network loses to the baseline auto_ets" in told[1]


def test_a_backtest_has_baselines_of_its_own_fitted_to_what_comes_before_each_origin(monkeypatch):
    fits = []

    class Still:
        def forecasts(self, values, origins, leads):
            return np.zeros((len(origins), len(leads)))

    monkeypatch.setattr(baseline, "MODELS", {"auto_ets": lambda values, season: fits.append(values) or Still()})
    monkeypatch.setattr(baseline, "find_spec", lambda name: object())
    splits = make_splits()
    outcome = fit(splits, epochs=1, period=6, baselines=["auto_ets"], backtest={"folds": 2})
    values = splits.test.values[:, 0]
    for rows, end in zip(fits, (480, 240, 360), strict=True):  # the whole run, then the folds
        np.testing.assert_array_equal(rows, values[:end])
    for fold, (_, judge) in zip(outcome.details["backtest"], rolling_origins(whole(splits), 2), strict=True):
        expected = np.abs(judge.actual()).mean()
        assert fold["baselines"]["auto_ets"]["mae"] == pytest.approx(expected)


def whole(splits: Splits) -> Windows:
    return splits.train.joined(splits.validation)


def test_a_network_of_another_horizon_is_refused():
    splits = make_splits()
    inputs = keras.Input((LOOKBACK, 1))
    model = keras.Model(inputs, keras.layers.Dense(5)(keras.layers.Flatten()(inputs)))
    with pytest.raises(UsageError, match=r"the forecast wants \(None, 3, 1\)"):
        fit(splits, model)


def test_refit_forecasts_with_what_it_learnt_from_validation_too():
    splits = make_splits()
    models = [linear(splits), linear(splits)]
    plain, again = (
        fit(splits, model, batch_size=1000, refit=refit) for model, refit in zip(models, (False, True), strict=True)
    )
    assert plain.metrics["validation"] == again.metrics["validation"]  # still the judge's own figures
    assert plain.metrics["test"] != again.metrics["test"]
