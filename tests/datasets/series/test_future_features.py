"""A feature that is the target of a later row is told: no network should be praised for reading it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.series.series import Series

ROWS = 400


@pytest.fixture
def load(tmp_path, locations):
    """load(columns, ...): the splits of a CSV file of these columns, of which all but the target are features."""

    def load(columns, **fields):
        frame = pd.DataFrame({"time": pd.date_range("2020-01-01", periods=ROWS, freq="h"), **columns})
        frame.to_csv(tmp_path / "s.csv", index=False)
        settings = {"targets": ["y"], "features": list(columns), "lookback": 8, "horizon": 2} | fields
        return Series(path=tmp_path / "s.csv", time="time", **settings).load(locations)

    return load


def walk(seed=0):
    return np.random.default_rng(seed).normal(size=ROWS).cumsum()


@pytest.mark.parametrize("lead", [1, 2, 5])
def test_a_target_shifted_into_the_future_is_told_with_its_lead(load, lead):
    y = walk()
    splits = load({"y": y, "noise": walk(1), "next": 3 * np.append(y[lead:], [0.0] * lead) + 7})
    [leak] = splits.leaks
    assert (leak.kind, leak.count, leak.of) == ("features that know the future", 1, 3)
    assert leak.mend == "dataset.features without next"
    assert any(f"next is y {lead} row" in told for told in splits.warnings)


@pytest.mark.parametrize(
    "feature",
    [
        lambda y: y + 0.001 * walk(1),  # the target itself, measured otherwise
        lambda y: np.concatenate([[0.0], y[:-1]]),  # its past
        lambda y: walk(2),
        lambda y: np.full(ROWS, 3.0),
        lambda y: np.append(y[1:], 0.0) + 5 * np.random.default_rng(3).normal(size=ROWS),  # a mere sign of it
    ],
)
def test_what_is_known_in_time_is_not_told(load, feature):
    y = walk()
    splits = load({"y": y, "x": feature(y)})
    assert splits.leaks == () and not any("later" in told for told in splits.warnings)


def test_a_season_that_the_targets_past_knows_too_is_not_told(load):
    phase = 2 * np.pi * np.arange(ROWS) / 24
    assert load({"y": np.sin(phase), "x": np.sin(phase + 2 * np.pi * 4 / 24)}).leaks == ()


def test_too_few_rows_tell_nothing(load):
    y = walk()
    assert load({"y": y, "x": np.append(y[1:], 0.0)}, splits=[0.1, 0.4, 0.5]).leaks == ()
