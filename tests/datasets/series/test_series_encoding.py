"""What a run keeps of its series: the same rows as at training, from a file, and the times that lie ahead."""

import json

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.series.encoding import SERIES_FILE, SeriesEncoder
from seqrun.datasets.series.series import Series
from seqrun.datasets.series.waves import Waves
from seqrun.errors import DataError


@pytest.fixture
def table():
    """100 hours of two columns."""
    rng = np.random.default_rng(0)
    columns = {"x": 50 + 10 * rng.normal(size=100), "y": rng.normal(size=100)}
    return pd.DataFrame({"time": pd.date_range("2024-03-01", periods=100, freq="h"), **columns})


@pytest.fixture
def train(tmp_path, locations):
    """Writes a table, and loads it as a series."""

    def train(table, **fields):
        path = tmp_path / "train.csv"
        table.to_csv(path, index=False)
        defaults = {"targets": ["x"], "features": ["x", "y"], "time": "time", "lookback": 12, "horizon": 3}
        return path, Series(path=path, **{**defaults, **fields}).load(locations)

    return train


@pytest.mark.parametrize("scaler", ["standard", "minmax", "none"])
@pytest.mark.parametrize("calendar", [[], ["hour", "month"]])
def test_the_last_window_is_what_training_would_have_seen(train, table, scaler, calendar):
    path, splits = train(table, scaler=scaler, calendar=calendar, step=3, delay=2)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    assert last.series == (None,)
    assert last.inputs.shape == (1, *splits.spec.input_shape)
    assert last.inputs.dtype == np.float32
    np.testing.assert_array_equal(last.inputs[0], splits.test.features[100 - 12 :: 3])
    expected = pd.date_range(table["time"].iloc[-1], periods=6, freq="h")[3:]
    np.testing.assert_array_equal(last.times[0], expected.to_numpy())
    np.testing.assert_allclose(last.history[0, :, 0], table["x"].iloc[-12:])
    np.testing.assert_array_equal(last.history_times[0], table["time"].iloc[-12:])


def test_a_later_file_is_read_as_the_first_was(train, table, tmp_path):
    _, splits = train(table)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    later = table.assign(time=table["time"] + pd.Timedelta("50D"))[["y", "x", "time"]]
    later[::-1].to_csv(tmp_path / "later.csv", index=False)  # other order of columns and rows
    last = encoder.last_windows(tmp_path / "later.csv")
    np.testing.assert_array_equal(last.inputs[0], splits.test.features[-12:])
    assert str(last.times[0, 0]) == "2024-04-24T04:00:00.000000"
    assert "sorted by it" in last.warnings[0]


def test_parquet_serves_as_well_as_csv(train, table, tmp_path):
    path, splits = train(table)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    table.to_parquet(tmp_path / "same.parquet")
    one, other = encoder.last_windows(path), encoder.last_windows(tmp_path / "same.parquet")
    np.testing.assert_allclose(one.inputs, other.inputs, rtol=1e-6)
    np.testing.assert_array_equal(one.times, other.times)


def test_original_units_come_back(train, table):
    _, splits = train(table, targets=["y", "x"])
    np.testing.assert_array_equal(splits.test.values, table[["y", "x"]])
    known = splits.spec.target.original(splits.test.features[:, ::-1])  # as the network is to forecast them
    np.testing.assert_allclose(known, table[["y", "x"]], rtol=1e-5, atol=1e-6)
    assert SeriesEncoder.from_artifacts(splits.artifacts).spec == splits.spec


def test_the_artifact_is_json_that_names_columns_scales_window_and_time(train, table):
    _, splits = train(table, calendar=["hour"], missing="ffill")
    content = json.loads(splits.artifacts[SERIES_FILE])
    assert content["features"] == ["x", "y"]
    assert content["targets"] == ["x"]
    assert content["scales"]["x"] == pytest.approx([table["x"][:60].mean(), table["x"][:60].std(ddof=0)])
    assert content["framing"] == {
        "lookback": 12,
        "horizon": 3,
        "forecast": "direct",
        "delay": 0,
        "step": 1,
        "stride": 1,
    }
    assert content["frequency"] == "h"
    assert content["calendar"] == ["hour"]
    assert (content["reading"]["time"], content["reading"]["missing"]) == ("time", "ffill")
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    assert SeriesEncoder.from_artifacts(encoder.artifacts()) == encoder


@pytest.mark.parametrize("content", [{}, {SERIES_FILE: b"{}"}, {SERIES_FILE: b"no json"}])
def test_artifacts_of_something_else_are_refused(content):
    with pytest.raises(DataError, match="not say how a series is encoded"):
        SeriesEncoder.from_artifacts(content)


@pytest.mark.parametrize("frequency", ["MS", "ME", "B", "QS", "W-SUN", "10min"])
def test_time_goes_on_as_the_calendar_does(train, frequency):
    times = pd.date_range("2001-01-01", periods=110, freq=frequency)
    path, splits = train(pd.DataFrame({"time": times[:100], "x": range(100)}), features=None, lookback=9, horizon=10)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    np.testing.assert_array_equal(last.times[0], times[100:].to_numpy())


def test_without_times_rows_are_numbered(train):
    path, splits = train(pd.DataFrame({"x": range(100)}), features=None, time=None, delay=1)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    assert last.times.tolist() == [[101, 102, 103]]
    assert last.history_times[0, -1] == 99


def test_years_go_on(train):
    path, splits = train(pd.DataFrame({"time": range(1900, 2000), "x": range(100)}), features=None)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    assert last.times.tolist() == [[2000, 2001, 2002]]


def test_every_series_of_a_file_has_a_last_window(train, table):
    both = pd.concat([table.assign(shop="b"), table.assign(shop="a", x=table["x"] + 1)[:90]])
    path, splits = train(both, series_id="shop")
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    assert last.series == ("b", "a")
    assert last.inputs.shape == (2, 12, 2)
    np.testing.assert_allclose(last.history[1, :, 0], table["x"][78:90] + 1)
    assert (last.times[0, 0] - last.times[1, 0]) == np.timedelta64(10, "h")


def test_a_file_shorter_than_the_lookback_is_refused(train, table, tmp_path):
    _, splits = train(table)
    table[:11].to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(DataError, match=r"made from the last 12 rows, there are\n  11 rows"):
        SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "short.csv")


def test_a_file_without_a_feature_is_refused(train, table, tmp_path):
    _, splits = train(table)
    table[["time", "x"]].to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(DataError, match="no column 'y'; there are time, x"):
        SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "other.csv")


def test_a_target_that_is_no_feature_need_not_be_there(train, table, tmp_path):
    _, splits = train(table, features=["y"])
    table[["time", "y"]].to_csv(tmp_path / "other.csv", index=False)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "other.csv")
    assert last.history is None
    assert last.inputs.shape == (1, 12, 1)


def test_empty_cells_are_treated_as_at_training(train, table, tmp_path):
    table.loc[99, "x"] = np.nan
    table.to_csv(tmp_path / "holes.csv", index=False)
    full = table.ffill()
    for missing in ("interpolate", "ffill"):
        _, splits = train(full, missing=missing)
        last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "holes.csv")
        np.testing.assert_array_equal(last.inputs[0], splits.test.features[-12:])
    _, splits = train(full)
    with pytest.raises(DataError, match=r"line 101, x"):
        SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "holes.csv")


def test_waves_are_forecast_from_a_column_of_values(tmp_path, locations):
    encoder = SeriesEncoder.from_artifacts(Waves(series=10, horizon=10).load(locations).artifacts)
    pd.DataFrame({"value": np.arange(60.0)}).to_csv(tmp_path / "wave.csv", index=False)
    last = encoder.last_windows(tmp_path / "wave.csv")
    assert last.inputs[0, :, 0].tolist() == list(range(10, 60))
    assert last.times[0].tolist() == list(range(60, 70))


def test_rows_of_another_step_than_the_runs_are_refused_with_both(train, table, tmp_path):
    _, splits = train(table)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    for frequency in ("D", "30min", "MS"):
        other = table.assign(time=pd.date_range("2024-03-01", periods=100, freq=frequency))
        other.to_csv(tmp_path / "other.csv", index=False)
        with pytest.raises(
            DataError, match=rf"most rows are .*\({frequency}\) apart, but the run .* that are an hour \(h\) apart"
        ):
            encoder.last_windows(tmp_path / "other.csv")
    table.assign(time=range(100)).to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(DataError, match=r"100 times in time not written as ISO8601"):
        encoder.last_windows(tmp_path / "other.csv")


@pytest.mark.parametrize(("frequency", "other"), [("B", "D"), ("D", "B"), ("MS", "ME"), ("QS-FEB", "MS")])
def test_calendars_that_share_steps_are_told_apart(train, tmp_path, frequency, other):
    _, splits = train(
        pd.DataFrame({"time": pd.date_range("2001-01-01", periods=100, freq=frequency), "x": range(100)}), features=None
    )
    new = pd.DataFrame({"time": pd.date_range("2001-01-01", periods=40, freq=other), "x": range(40)})
    new.to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match=rf"most rows are .*\({other}\) apart, but the run .* \({frequency}\) apart"):
        SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "new.csv")


def test_one_row_has_no_step_that_could_be_another(train, tmp_path):
    months = pd.DataFrame({"time": pd.date_range("2001-01-31", periods=100, freq="ME"), "x": range(100)})
    _, splits = train(months, features=None, lookback=1, horizon=2)
    months[98:99].to_csv(tmp_path / "one.csv", index=False)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "one.csv")
    assert last.times[0].astype("M8[D]").astype(str).tolist() == ["2009-04-30", "2009-05-31"]


def test_values_far_outside_of_what_training_saw_are_told_with_the_range(train, table, tmp_path):
    _, splits = train(table)
    low, high = table["x"][:60].min(), table["x"][:60].max()
    table.loc[99, "x"], table.loc[10, "x"] = 1000, -1000  # of these, the window sees one
    table.to_csv(tmp_path / "new.csv", index=False)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    (warning,) = encoder.last_windows(tmp_path / "new.csv").warnings
    assert warning.endswith(f"\n  x: 1 of 12 rows, 1000; training saw {low:g} to {high:g}")
    table.loc[99, "x"] = high + 0.9 * (high - low)
    table.to_csv(tmp_path / "new.csv", index=False)
    assert encoder.last_windows(tmp_path / "new.csv").warnings == ()
