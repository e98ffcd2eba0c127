"""The setting `baselines` of a forecaster, and how the models that it names are used; models here are stand-ins."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from commands import SMOKE, run_command

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import InterruptedRun
from seqrun.machine.signals import StopSignals
from seqrun.tasks.forecasting import own_baselines
from seqrun.tasks.forecasting.statistical import allowance, history
from seqrun.tasks.forecasting.statistical import baseline as module
from seqrun.tasks.forecasting.statistical.baseline import statistical_baselines
from seqrun.tasks.forecasting.statistical.history import gap_rows

TRAIN, VALIDATION, ROWS = 60, 80, 120  # where these splits end


class Follower:
    """A model that forecasts the value a season before, and remembers what it was fitted to."""

    fits: list[np.ndarray] = []

    def __init__(self, season):
        self.season = season

    @classmethod
    def fit(cls, values, season):
        cls.fits.append(values)
        return cls(season)

    def forecasts(self, values, origins, leads):
        back = -(-leads // self.season) * self.season
        return values[origins[:, None] + leads - back]


@pytest.fixture
def follower(monkeypatch):
    """Follower as all models, on machines without statsforecast too."""
    monkeypatch.setattr(module, "MODELS", dict.fromkeys(module.MODELS, Follower.fit))
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setattr(module, "LIBRARIES", ("numpy",))
    monkeypatch.setattr(Follower, "fits", [])
    return Follower


def cut(values, *segments, **others):
    ahead = 4 + np.arange(3)
    starts = np.concatenate([np.arange(first, end - ahead[-1]) for first, end in segments])
    return Windows(values, values, starts, np.arange(4), ahead, segments, **others)


def split_up(**others):
    values = np.arange(ROWS, dtype=float)[:, None]  # each row's value is its number
    return [cut(values, rows, **others) for rows in ((0, TRAIN), (TRAIN, VALIDATION), (VALIDATION, ROWS))]


def quiet(**fields):
    return Session(0, lambda event: None, **fields)


def rows_of(train, validation, test):
    """What is learned from, what is forecast, and where rows are missing."""
    target = SeriesTarget(("x",) * test.values.shape[1], len(test.horizon_rows))
    return train.joined(validation), test, gap_rows(Splits(Spec((1, 1), target), train, validation, test))


def forecasts(train, validation, test, period=5, session=None, name="auto_ets"):
    found, told = statistical_baselines([name], *rows_of(train, validation, test), period, session or quiet())
    return found.get(name), told


def validated(tmp_path, baselines, trainer="forecaster"):
    dataset = {"name": "ridership", "path": str(SMOKE / "data" / "CTA_-_Ridership_-_Daily_Boarding_Totals.csv")}
    config = {"dataset": dataset, "architecture": "dlinear", "trainer": {"name": trainer, "baselines": baselines}}
    (tmp_path / "own.yaml").write_text(json.dumps(config))
    return run_command("validate", tmp_path / "own.yaml", "--no-data", code=2).output


def test_a_package_that_is_not_there_is_told_before_the_run_with_the_command_that_brings_it(tmp_path, monkeypatch):
    monkeypatch.setattr(own_baselines, "find_spec", lambda name: None)
    told = validated(tmp_path, ["auto_ets", "auto_arima"])
    for number, name in enumerate(["auto_ets", "auto_arima"]):
        assert f"trainer.baselines.{number}: {name} needs the package statsforecast: pip install" in told
    assert "'seqrun[forecasts]'" in told


def test_a_baseline_is_named_once(tmp_path):
    told = validated(tmp_path, ["auto_ets", "auto_ets"])
    assert "trainer.baselines.1: auto_ets is named above already" in told


def test_a_baseline_of_texts_is_none_of_series(tmp_path):
    told = validated(tmp_path, ["nbsvm"])
    assert "trainer.baselines.0" in told
    assert "auto_ets" in told


def test_a_package_that_is_gone_when_a_run_is_resumed_leaves_the_baseline_out(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    found, told = forecasts(*split_up())
    assert found is None
    assert told == [
        "auto_ets is left out of the baselines: it needs the package statsforecast: pip install 'seqrun[forecasts]'"
    ]


def test_a_model_is_fitted_to_training_and_validation_and_sees_all_rows_up_to_each_origin(follower):
    train, validation, test = split_up()
    found, told = forecasts(train, validation, test, period=20)
    [rows] = follower.fits
    np.testing.assert_array_equal(rows, np.arange(VALIDATION))
    np.testing.assert_array_equal(found[..., 0], test.index[:, None] + np.arange(1, 4) - 20)
    assert told == []


def test_windows_in_any_order_have_their_own_forecasts(follower):
    train, validation, test = split_up()
    order = np.random.default_rng(0).permutation(len(test))
    found, _ = forecasts(train, validation, test)
    np.testing.assert_array_equal(forecasts(train, validation, test.taken(order))[0], found[order])


def test_it_is_fitted_to_the_longest_stretch_without_a_gap(follower):
    times = np.datetime64("2024-01-01") + np.arange(ROWS) + np.where(np.arange(ROWS) >= 20, 9, 0)
    train, validation, test = split_up(times=times)
    gapped = cut(train.values, (0, 20), (20, TRAIN), times=times)
    forecasts(gapped, validation, test)
    np.testing.assert_array_equal(follower.fits[0], np.arange(20, VALIDATION))


@pytest.mark.parametrize(("missing", "bridged"), [(3, 3), (1000, 1000), (1001, 996), (10_003, 998)])
def test_the_season_goes_on_after_missing_rows_however_many(follower, missing, bridged):
    train, validation, _ = split_up()
    times = np.datetime64("2024-01-01") + np.arange(ROWS) + np.where(np.arange(ROWS) >= 100, missing, 0)
    test = cut(train.values, (VALIDATION, 100), (100, ROWS), times=times)
    found, _ = forecasts(*(replace(each, times=times) for each in (train, validation)), test)
    assert history.bridged(missing, 5) == bridged
    for origin, each in zip(test.index, found[..., 0], strict=True):
        # The values are row numbers: where a season before lies in the gap, it is the last season before the gap.
        for lead, value in enumerate(each, start=1):
            row = origin + lead
            back = row - 5 if lead <= 5 else row - 10
            phase = (back + (missing if row >= 100 else 0)) % 5
            expected = back if row < 100 or back >= 100 else 95 + (phase - 95) % 5
            assert value == expected


def test_series_of_which_none_goes_on_into_the_test_split_have_no_model(follower):
    values = np.arange(ROWS, dtype=float)[:, None]
    segments = [(first, first + 20) for first in range(0, ROWS, 20)]
    found, told = forecasts(*(cut(values, *part) for part in (segments[:3], segments[3:4], segments[4:])))
    assert found is None
    assert not follower.fits
    assert "each of these series lies in one split alone" in told[0]


def test_a_series_without_rows_to_learn_from_has_its_last_value(follower):
    values = np.arange(ROWS, dtype=float)[:, None]
    numbers = np.repeat([0, 1], [100, 20])
    parts = (((0, TRAIN),), ((TRAIN, VALIDATION),), ((VALIDATION, 100), (100, ROWS)))
    train, validation, test = (cut(values, *part, series=numbers) for part in parts)
    found, told = forecasts(train, validation, test)
    new = test.index >= 100
    np.testing.assert_array_equal(found[new, :, 0], np.repeat(test.index[new, None], 3, axis=1))
    np.testing.assert_array_equal(found[~new, 0, 0], test.index[~new] - 4)
    assert told == [
        "auto_ets: of 1 of 2 series the forecasts are the last value, for it cannot be fitted: no rows to learn from"
    ]


def test_forecasts_that_are_not_finite_are_none(follower, monkeypatch):
    monkeypatch.setattr(follower, "forecasts", lambda self, values, origins, leads: np.full((len(origins), 3), np.nan))
    found, told = forecasts(*split_up())
    assert found is None
    assert told == ["auto_ets is left out of the baselines: it cannot be fitted: forecasts that are not finite"]


def test_what_takes_longer_than_it_may_is_left_out_with_a_warning(follower, monkeypatch):
    monkeypatch.setattr(allowance, "MOST_SECONDS", -1.0)
    found, told = forecasts(*split_up())
    assert found is None
    assert "auto_ets is left out of the baselines: 0 of 1 model took 0 s, and all may take" in told[0]


def test_what_will_take_longer_is_left_out_before_it_does(monkeypatch):
    seconds = iter([0.0, 50.0, 61.0])
    monkeypatch.setattr(allowance.time, "process_time", lambda: next(seconds))
    allowed = allowance.Allowance(100, StopSignals())
    allowed.done = 5
    allowed.check()  # 1,000 s in all are foreseen, from too few to tell
    with pytest.raises(allowance.OverTime, match="5 of 100 models took 61 s, and all may take 600 s"):
        allowed.check()


def test_a_signal_that_a_library_swallows_ends_it_all_the_same(follower, monkeypatch):
    def fit(values, season):
        with suppress(InterruptedRun):
            os.kill(os.getpid(), signal.SIGTERM)
        return follower(season)

    monkeypatch.setitem(module.MODELS, "auto_ets", fit)
    signals = StopSignals()
    with signals.installed(), pytest.raises(InterruptedRun):
        forecasts(*split_up(), session=quiet(signals=signals))


def test_it_is_computed_once_for_the_same_rows_with_what_was_told(follower, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 30)
    train, validation, test = split_up()
    session = quiet(cache=tmp_path / "cache")
    first, told = forecasts(train, validation, test, 5, session)
    again, repeated = forecasts(train, validation, test, 5, session)
    assert len(follower.fits) == 1
    np.testing.assert_array_equal(first, again)
    assert told == repeated != []
    others = (
        (train, validation, replace(test, values=test.values + 1), 5, "auto_ets"),
        (train, validation, test.taken(slice(1, None)), 5, "auto_ets"),
        (train.taken(slice(1)), replace(validation, segments=((TRAIN + 1, VALIDATION),)), test, 5, "auto_ets"),
        (train, validation, test, 4, "auto_ets"),
        (train, validation, test, 5, "auto_theta"),
    )
    for number, (*splits, period, name) in enumerate(others, start=2):
        forecasts(*splits, period, session, name)
        assert len(follower.fits) == number


def test_what_was_left_out_is_not_kept(follower, tmp_path, monkeypatch):
    session = quiet(cache=tmp_path / "cache")
    with monkeypatch.context() as patched:
        patched.setattr(allowance, "MOST_SECONDS", -1.0)
        assert forecasts(*split_up(), session=session)[0] is None
    assert forecasts(*split_up(), session=session)[0] is not None
