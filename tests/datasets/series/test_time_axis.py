"""Columns of times: dates written as whole numbers, periods, and numbers that are none."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.series import Series
from seqrun.datasets.shared.periods import with_periods
from seqrun.errors import DataError


@pytest.fixture
def load(tmp_path, locations):
    """Writes a column of times to a CSV or Parquet file and loads it; returns the file and its splits."""

    def load(times, ending=".csv", **fields):
        path = tmp_path / f"series{ending}"
        table = pd.DataFrame({"t": times, "x": np.arange(len(times))})
        table.to_csv(path, index=False) if ending == ".csv" else table.to_parquet(path)
        return path, Series(path=path, targets=["x"], time="t", lookback=3, horizon=3, **fields).load(locations)

    return load


def forecasts(path, splits):
    return SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path).times[0].tolist()


@pytest.mark.parametrize(
    ("form", "freq"),
    [("%Y%m%d", "D"), ("%Y%m", "MS"), ("%Y%m%d%H", "h"), ("%Y%m%d%H%M", "7min"), ("%Y%m%d%H%M%S", "50s")],
)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_whole_numbers_that_are_all_dates_are_read_and_forecast_as_such(load, form, freq, ending):
    times = pd.date_range("2020-01-01", periods=103, freq=freq)
    numbers = times.strftime(form).astype("int64")
    path, splits = load(numbers[:100], ending)
    np.testing.assert_array_equal(splits.train.times, times[:100].to_numpy())
    assert f"are read as dates: every one is a date written {form}" in splits.warnings[0]
    assert len(splits.warnings) == 1
    assert forecasts(path, splits) == numbers[100:].tolist()
    _, named = load(numbers[:100], ending, time_format=form)
    assert named.warnings == ()


@pytest.mark.parametrize(
    "numbers",
    [
        np.arange(20200101, 20200201),  # 31 dates of January, and days that there are not
        np.arange(202001, 202101),
        np.arange(1900, 2000),
        1577836800 + 3600 * np.arange(100),  # seconds since 1970
        1577836800000 + 3600 * np.arange(100),
        10000101 + np.arange(28),
        np.arange(100) / 4,
    ],
)
def test_other_numbers_stay_numbers(load, numbers):
    path, splits = load(numbers)
    assert splits.train.times.tolist() == numbers.tolist()
    assert splits.warnings == ()
    step = numbers[1] - numbers[0]
    assert forecasts(path, splits) == [numbers[-1] + step, numbers[-1] + 2 * step, numbers[-1] + 3 * step]


def test_a_format_can_say_that_numbers_are_no_dates(load):
    numbers = np.arange(20200101, 20200130)
    path, splits = load(numbers, time_format="number")
    assert splits.train.times.tolist() == numbers.tolist()
    assert forecasts(path, splits) == [20200130, 20200131, 20200132]
    with pytest.raises(DataError, match=r"dataset\.time_format is number, but t holds '2020-01-01'"):
        load(pd.date_range("2020-01-01", periods=30).astype(str), time_format="number")


@pytest.mark.parametrize("freq", ["Q", "M", "Y-JUN", "D"])
def test_periods_of_parquet_files_are_their_first_moments(load, freq):
    periods = pd.period_range("1990-01-01", periods=43, freq=freq)
    path, splits = load(periods[:40], ".parquet")
    np.testing.assert_array_equal(splits.train.times, periods[:40].to_timestamp().to_numpy())
    assert splits.warnings == ()
    ahead = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path).times[0]
    np.testing.assert_array_equal(ahead, periods[40:].to_timestamp().to_numpy())


def test_periods_are_known_by_what_the_file_says_of_them_where_pyarrow_does_not_know_their_type():
    metadata = {"ARROW:extension:name": "pandas.period", "ARROW:extension:metadata": '{"freq": "Q-DEC"}'}
    schema = pa.schema([pa.field("t", pa.int64(), metadata=metadata), pa.field("x", pa.int64())])
    table = with_periods(pd.DataFrame({"t": [200, 201], "x": [1, 2]}), schema)
    assert table["t"].astype(str).tolist() == ["2020Q1", "2020Q2"]
    assert table["x"].tolist() == [1, 2]


def test_dates_of_parquet_files_are_days(load):
    days = pd.date_range("2020-02-27", periods=43)
    path, splits = load(days[:40].date, ".parquet")
    np.testing.assert_array_equal(splits.train.times, days[:40].to_numpy())
    assert forecasts(path, splits)[0] == days[40].to_pydatetime()


def test_whole_numbers_with_a_point_are_dates_too(load):
    days = pd.date_range("2020-01-01", periods=43)
    path, splits = load(days[:40].strftime("%Y%m%d").astype(float))
    np.testing.assert_array_equal(splits.train.times, days[:40].to_numpy())
    assert forecasts(path, splits)[0] == 20200210


def test_one_number_that_is_no_date_among_dates_is_named(load):
    numbers = [*pd.date_range("2020-01-01", periods=39).strftime("%Y%m%d"), "20201301"]
    _, splits = load(numbers)
    assert "though most are dates written %Y%m%d" in splits.warnings[0]
    assert splits.warnings[0].endswith("these are none:\n  line 41: 20201301")
    _, splits = load(numbers, time_format="number")
    assert not any("dates" in warning for warning in splits.warnings)
    with pytest.raises(DataError, match=r"1 time in t not written as %Y%m%d:\n  line 41: '20201301'"):
        load(numbers, time_format="%Y%m%d")


@pytest.mark.parametrize(
    "form",
    [
        "%m/%d/%Y %I:%M:%S %p",
        "%d %b %Y %I%p",
        "%Y-%m-%d %I:%M %p",
        "%Y/%m/%d %H:%M",
        "%Y.%m.%d %H:%M",
        "%d.%m.%Y %H:%M",
        "%Y%m%dT%H%M%S",
    ],
)
def test_usual_ways_to_write_times_are_found_from_midnight_on(load, form):
    times = pd.date_range("2021-07-13", periods=100, freq="6h")
    _, splits = load(times.strftime(form))
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())


def test_a_year_that_comes_first_is_followed_by_its_month(load):
    months = pd.date_range("2001-04-01", periods=60, freq="MS")
    _, splits = load(months.strftime("%Y/%m/%d"))  # all of which could be days of January
    np.testing.assert_array_equal(splits.train.times, months.to_numpy())


@pytest.mark.parametrize("form", ["{}Q{}", "{}-Q{}"])
def test_quarters_are_their_first_months(load, form):
    quarters = [(2001 + number // 4, number % 4 + 1) for number in range(60)]
    path, splits = load([form.format(*quarter) for quarter in quarters])
    np.testing.assert_array_equal(splits.train.times, pd.date_range("2001-01-01", periods=60, freq="QS").to_numpy())
    assert [str(time)[:10] for time in pd.DatetimeIndex(forecasts(path, splits))] == [
        "2016-01-01",
        "2016-04-01",
        "2016-07-01",
    ]


@pytest.mark.parametrize(
    ("form", "time_format"),
    [
        ("%m/%d/%Y %I:%M %p +0545", None),
        ("%Y%m%dT%H%M%S+0545", None),
        ("%Y-%m-%d %I:%M %p +0545", "%Y-%m-%d %I:%M %p %z"),
        ("+0545 %Y-%m-%d %H:%M", "%z %Y-%m-%d %H:%M"),
        ("%Y-%m-%d %H:%M Asia/Kathmandu", "%Y-%m-%d %H:%M %Z"),
    ],
)
def test_offsets_and_zones_leave_times_on_their_local_calendar_wherever_they_stand(load, form, time_format):
    times = pd.date_range("2021-07-13", periods=100, freq="6h")
    path, splits = load(times.strftime(form), time_format=time_format)
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())
    assert forecasts(path, splits)[0] == "2021-08-07T00:00:00+05:45"


def test_times_that_say_utc_are_of_that_zone(load):
    times = pd.date_range("2021-07-13", periods=100, freq="6h")
    path, splits = load(times.strftime("%Y-%m-%d %H:%M:%S UTC"))
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())
    assert forecasts(path, splits)[0] == "2021-08-07T00:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "time_format"),
    [("%Y-%m-%d %H:%M CET", "%Y-%m-%d %H:%M %Z"), ("%Y-%m-%d %H:%M:%S.123456789", "%Y-%m-%d %H:%M:%S.%f")],
)
def test_validation_has_nothing_against_formats_that_are_read(load, form, time_format):
    path, _ = load(pd.date_range("2021-07-13", periods=100, freq="6h").strftime(form), time_format=time_format)
    series = Series(path=path, targets=["x"], time="t", lookback=3, horizon=3, time_format=time_format)
    assert not [*series.look()]


def test_may_is_a_long_name_and_a_short_one(load):
    times = pd.date_range("2021-05-30", periods=100, freq="D")
    _, splits = load(times.strftime("%d %b %Y"))
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())


def test_a_first_cell_that_is_no_time_is_named_with_the_others_or_left_out(load):
    days = pd.date_range("2021-07-13", periods=100, freq="D")
    shown = ["?", *days.strftime("%d.%m.%Y"), "n/a"]
    with pytest.raises(DataError, match=r"2 times in t not written as %d.%m.%Y:\n  line 2: '\?'\n  line 103: 'n/a'"):
        load(shown)
    _, splits = load(shown, bad_rows="skip")
    np.testing.assert_array_equal(splits.train.times, days.to_numpy())
    assert "2 rows left out without a time in t (bad_rows: skip)" in splits.warnings[0]


def test_times_that_no_format_is_known_of_are_named_with_their_line(load):
    with pytest.raises(DataError, match=r"line 2: 'day 1', in t, is no time .* dataset.time_format"):
        load([f"day {number}" for number in range(1, 100)])


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_times_that_differ_by_less_than_a_microsecond_are_not_taken_for_one(load, ending):
    start = pd.Timestamp("2020-01-01")
    with pytest.raises(
        DataError, match=r"less than a microsecond[^\n]*\n  (line 3 and line 2|row 2 and row 1): \S*350\n"
    ):
        times = start + pd.to_timedelta(350 * np.arange(60), unit="ns")
        load(times if ending == ".parquet" else times.astype(str), ending)
    jitter = start + pd.to_timedelta(10**9 * np.arange(60) + np.arange(60) % 7, unit="ns")
    _, splits = load(jitter if ending == ".parquet" else jitter.astype(str), ending, duplicates="first")
    np.testing.assert_array_equal(splits.train.times, jitter.to_numpy().astype("M8[us]"))


def test_times_of_several_series_may_be_as_near_to_each_other_as_they_like(tmp_path, locations):
    exact = pd.Timestamp("2020-01-01") + pd.to_timedelta(10**9 * np.repeat(np.arange(40), 2), unit="ns")
    table = pd.DataFrame({"t": exact + pd.to_timedelta([0, 5] * 40, unit="ns"), "id": ["a", "b"] * 40, "x": range(80)})
    table.to_parquet(tmp_path / "two.parquet")
    two = Series(path=tmp_path / "two.parquet", targets=["x"], time="t", series_id="id", lookback=3, horizon=2)
    splits = two.load(locations)
    np.testing.assert_array_equal(splits.train.times[:40], exact[::2].to_numpy())
