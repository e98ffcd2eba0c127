"""Missing times and rows of one time: windows that end there, rows that fill them, and one row for each time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.series import Series
from seqrun.errors import DataError


@pytest.fixture
def load(tmp_path, locations):
    """Writes a table and loads it; returns the file and its splits."""

    def load(table, **fields):
        path = tmp_path / "series.csv"
        pd.DataFrame(table).to_csv(path, index=False)
        defaults = {"targets": ["x"], "time": "t", "lookback": 3, "horizon": 2, "scaler": "none"}
        return path, Series(path=path, **{**defaults, **fields}).load(locations)

    return load


def with_gaps(count, *missing, freq="h"):
    times = pd.date_range("2024-01-01", periods=count, freq=freq).delete(list(missing))
    return {"t": times, "x": np.delete(np.arange(count), list(missing))}


def windows(split):
    """The values that each window sees and forecasts."""
    rows = split.starts[:, None] + np.arange(3 + 2)
    return split.features[rows, 0].astype(int).tolist()


# --- break ------------------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 98), max_size=8))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_window_reaches_over_a_gap_and_none_other_is_lost(load, missing):
    table = with_gaps(100, *missing)
    try:
        _, splits = load(table)
    except DataError as error:
        assert "none fits into" in str(error)  # a split of short stretches
        return
    edges = [int(len(table["x"]) * share + 1e-6) for share in (0, 0.6, 0.8, 1)]
    for split, first, past in zip((splits.train, splits.validation, splits.test), edges[:-1], edges[1:], strict=True):
        found = table["x"][first:past].tolist()
        hours = [found[start : start + 5] for start in range(len(found) - 4)]
        assert windows(split) == [each for each in hours if each == list(range(each[0], each[0] + 5))]


def test_keep_takes_the_rows_beside_a_gap_for_neighbours(load):
    _, splits = load(with_gaps(101, 20), gaps="keep")
    assert [18, 19, 21, 22, 23] in windows(splits.train)
    assert "as neighbours all the same (dataset.gaps: keep)" in splits.warnings[0]


@pytest.mark.parametrize("freq", ["h", "B", "MS"])
def test_windows_know_the_step_of_their_axis(load, freq):
    _, splits = load(with_gaps(100, 70, freq=freq))
    assert {split.step for split in (splits.train, splits.validation, splits.test)} == {freq}


def test_rows_that_are_left_out_for_an_empty_cell_make_a_gap(load):
    table = with_gaps(100)
    table["x"] = [np.nan if n == 20 else n for n in range(100)]
    _, splits = load(table, missing="drop")
    assert [18, 19, 21, 22, 23] not in windows(splits.train)
    assert [21, 22, 23, 24, 25] in windows(splits.train)


def test_times_without_a_step_are_an_error_that_names_the_setting(load):
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(np.arange(1, 101) ** 2), "s")
    with pytest.raises(DataError, match=r"none fits into\n(.*\n)*.*dataset\.gaps can keep or fill them"):
        load({"t": times, "x": range(100)})
    _, splits = load({"t": times, "x": range(100)}, gaps="keep")
    assert len(splits.train) == 56


def test_a_forecast_is_not_made_from_rows_on_both_sides_of_a_gap(load, tmp_path):
    _, splits = load(with_gaps(100))
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    new = tmp_path / "new.csv"
    pd.DataFrame(with_gaps(40, 37)).to_csv(new, index=False)
    with pytest.raises(
        DataError, match=r"last 3 rows, an hour \(h\) apart.*\n  line 39: 2024-01-02 14:00:00 comes after 2024-01-02"
    ):
        encoder.last_windows(new)
    pd.DataFrame(with_gaps(40, 36)).to_csv(new, index=False)
    assert encoder.last_windows(new).inputs[0, :, 0].tolist() == [37, 38, 39]


# --- fill -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "freq", ["h", "90s", "D", "B", "MS", "QS-FEB", "SMS-15", "W-WED", pd.DateOffset(months=1, day=30)]
)
def test_filled_times_are_those_of_pandas(load, freq):
    times = pd.date_range("2001-01-30", periods=100, freq=freq)
    table = {"t": times.delete([7, 50, 51, 52]), "x": np.delete(np.arange(100), [7, 50, 51, 52])}
    _, splits = load(table, gaps="fill", missing="ffill")
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())
    found = splits.train.features[:, 0].astype(int).tolist()
    assert found[5:9] + found[48:54] == [5, 6, 6, 8, 48, 49, 49, 49, 49, 53]
    assert "4 missing times" in splits.warnings[0]
    assert "line 8+1, x" in splits.warnings[1]


def test_each_series_is_filled_for_itself(load):
    one, other = with_gaps(60, 10, 11), with_gaps(60, 40)
    table = {"t": [*one["t"], *other["t"]], "x": [*one["x"], *(100 + other["x"])], "s": ["a"] * 58 + ["b"] * 59}
    _, splits = load(table, series_id="s", gaps="fill", missing="ffill")
    assert splits.train.segments == ((0, 36), (60, 96))
    found = splits.train.features[:, 0].astype(int)
    assert found[8:13].tolist() == [8, 9, 9, 9, 12]
    assert found[98:103].tolist() == [138, 139, 139, 141, 142]


@pytest.mark.parametrize("missing", ["ffill", "interpolate"])
def test_what_is_filled_is_no_target(load, missing):
    _, splits = load(with_gaps(100, 20, 21, 50), gaps="fill", missing=missing)
    actual = splits.train.actual()[:, :, 0]
    ahead = splits.train.index[:, None] + [1, 2]
    np.testing.assert_array_equal(np.isnan(actual), np.isin(ahead, [20, 21, 50]))
    np.testing.assert_array_equal(actual[~np.isnan(actual)], ahead[~np.isnan(actual)])


def test_numbers_are_filled_too(load):
    _, splits = load({"t": np.delete(np.arange(100) / 10, [30, 31]), "x": range(98)}, gaps="fill", missing="ffill")
    np.testing.assert_allclose(splits.train.times, np.arange(100) / 10)


def test_a_time_between_the_steps_cannot_be_filled(load):
    table = with_gaps(100, 50)
    table["t"] = [*table["t"][:40], table["t"][40] + pd.Timedelta("20min"), *table["t"][41:]]
    with pytest.raises(
        DataError, match=r"2 rows that no number of steps of an hour .h. leads to.*keep can have them\):\n  line 42: "
    ):
        load(table, gaps="fill", missing="ffill")


def test_a_gap_of_far_too_many_rows_is_not_filled(load):
    times = [*pd.date_range("2024-01-01", periods=99, freq="s"), pd.Timestamp("2024-06-01")]
    with pytest.raises(DataError, match=r"13,132,\d\d\d empty rows would be needed among 100"):
        load({"t": times, "x": range(100)}, gaps="fill", missing="ffill")


@pytest.mark.parametrize("missing", ["error", "drop"])
def test_what_is_filled_needs_values(tmp_path, missing):
    series = Series(path=tmp_path / "x.csv", targets=["x"], time="t", gaps="fill", missing=missing)
    assert [problem.path for problem in series.problems(None)] == [("dataset", "gaps")]


@pytest.mark.parametrize("setting", [{"gaps": "keep"}, {"duplicates": "mean"}, {"time_zone": "UTC"}])
def test_settings_of_times_need_times(tmp_path, setting):
    series = Series(path=tmp_path / "x.csv", targets=["x"], **setting)
    assert [problem.message for problem in series.problems(None)] == ["needs dataset.time, the column of times"]


# --- duplicates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["first", "last", "mean"])
def test_one_row_for_each_time_is_what_pandas_makes_of_it(load, policy):
    times = pd.date_range("2024-01-01", periods=100, freq="h")
    table = pd.DataFrame({"t": times, "x": np.arange(100.0), "y": 1.0})
    more = pd.DataFrame({"t": times[[30, 30, 99]], "x": [7.0, 80.0, 9.0], "y": [np.nan, 4.0, 5.0]})
    table = pd.concat([table, more]).sort_values("t", kind="stable")
    _, splits = load(table, targets=["x", "y"], duplicates=policy, missing="ffill")
    expected = table.groupby("t").mean() if policy == "mean" else table.drop_duplicates("t", keep=policy).set_index("t")
    np.testing.assert_allclose(splits.train.features, expected[["x", "y"]].to_numpy(), rtol=1e-6)
    assert f"3 rows of the same time as another (duplicates: {policy})" in splits.warnings[0]
    assert "line 33 and line 32: 2024-01-02 06:00:00" in splits.warnings[0]
