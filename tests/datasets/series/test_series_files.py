"""Anyone's own series: how files are read, and what is said, by row, about those that are not as they should be."""

import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from seqrun.datasets.series.series import Series
from seqrun.datasets.shared.layout import Layout
from seqrun.errors import DataError, InputError

HOURS = pd.date_range("2024-01-01", periods=100, freq="h")


@pytest.fixture
def series(tmp_path, locations):
    """Loads a table (its text, or its columns) as a series; `x` is the target unless another is named."""

    def load(table, ending=".csv", **fields):
        path = tmp_path / f"series{ending}"
        if isinstance(table, dict):
            pd.DataFrame(table).to_csv(path, index=False)
        elif isinstance(table, bytes):
            path.write_bytes(table)
        else:
            path.write_text(table)
        defaults = {"targets": ["x"], "lookback": 5, "horizon": 2, "scaler": "none"}
        return Series(path=path, **{**defaults, **fields}).load(locations)

    return load


def values(splits, column=0):
    return splits.train.features[:, column].astype(float).tolist()


def lines(times, numbers):
    return "\n".join(["time,x", *(f"{time},{number}" for time, number in zip(times, numbers, strict=True))])


# --- forms of files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".csv", str.encode),
        (".tsv", lambda text: text.replace(",", "\t").encode()),
        (".csv.gz", lambda text: gzip.compress(text.encode())),
        (".CSV", lambda text: b"\xef\xbb\xbf" + text.encode()),  # a byte-order mark
    ],
)
def test_text_files_of_every_form_are_read_alike(series, ending, pack):
    splits = series(pack(lines(HOURS, range(100)) + "\n\n"), ending, time="time")
    assert values(splits) == list(range(100))
    np.testing.assert_array_equal(splits.train.times, HOURS.to_numpy())
    assert splits.warnings == ()


def test_parquet_is_read_with_its_own_times(tmp_path, locations):
    path = tmp_path / "series.parquet"
    times = HOURS.tz_localize("Europe/Berlin")
    pd.DataFrame({"when": times, "x": np.arange(100), "unused": "text"}).to_parquet(path)
    splits = Series(path=path, targets=["x"], time="when", lookback=5, horizon=2).load(locations)
    assert str(splits.train.times[0]) == "2024-01-01T00:00:00.000000"  # in Berlin


def test_decimal_commas_other_delimiters_and_marks_of_missing_values(series):
    table = "x;y\n" + "".join(f"{n},5;{'?' if n == 4 else n}\n" for n in range(100))
    layout = {"delimiter": ";", "decimal": ",", "missing_values": ["?"], "missing": "ffill"}
    splits = series(table, targets=["x", "y"], **layout)
    assert splits.train.features[3:6].tolist() == [[3.5, 3], [4.5, 3], [5.5, 5]]


def test_the_encoding_is_that_of_the_file(series):
    table = "température\n" + "\n".join(map(str, range(100)))
    assert values(series(table.encode("latin-1"), targets=["température"], encoding="latin-1"))[:2] == [0, 1]
    with pytest.raises(DataError, match=r"the header cannot be decoded: dataset.encoding: cp1252"):
        series(table.encode("latin-1"), targets=["température"])


def test_features_calendar_and_targets_stand_in_the_order_named(series):
    table = {"time": HOURS, "a": range(100), "x": range(100, 200), "b": range(200, 300)}
    splits = series(table, time="time", features=["b", "x"], calendar=["hour", "dayofweek"], scaler="standard")
    assert splits.spec.input_shape == (5, 6)
    assert splits.spec.target_features == (1,)
    first = (np.arange(60) - np.arange(60).mean()) / np.arange(60).std()
    np.testing.assert_allclose(splits.train.features[:60, 0], first, atol=1e-6)
    np.testing.assert_allclose(splits.train.features[:60, 1], first, atol=1e-6)
    angle = 2 * np.pi * np.arange(100) / 24
    np.testing.assert_allclose(splits.train.features[:, 2:4], np.stack([np.sin(angle), np.cos(angle)], 1), atol=1e-6)
    angle = 2 * np.pi * HOURS.day_of_week / 7
    np.testing.assert_allclose(splits.train.features[:, 4:], np.stack([np.sin(angle), np.cos(angle)], 1), atol=1e-6)


def test_targets_need_not_be_features(series):
    splits = series({"a": range(100), "x": range(100, 200)}, features=["a"])
    assert splits.spec.target_features == ()
    assert splits.train.values[:3, 0].tolist() == [100, 101, 102]


@pytest.mark.parametrize(
    ("scaler", "offset", "scale"),
    [("standard", 29.5, np.arange(60).std()), ("minmax", 0, 59), ("none", 0, 1)],
)
def test_scalers(series, scaler, offset, scale):
    splits = series({"x": range(100), "still": [7.7] * 100}, targets=["x", "still"], scaler=scaler)
    assert splits.spec.target.offset[0] == pytest.approx(offset)
    assert splits.spec.target.scale[0] == pytest.approx(scale)
    assert splits.spec.target.scale[1] == 1  # of what never changes
    assert np.isfinite(splits.train.features).all()


# --- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S"],
)
def test_usual_forms_of_times_are_found(series, written):
    times = pd.date_range("2024-01-01", periods=100, freq="7h")  # into February: days above 12
    splits = series(lines(times.strftime(written), range(100)), time="time")
    np.testing.assert_array_equal(splits.train.times, times.to_numpy())


def test_days_and_months_that_cannot_be_told_apart_are_asked_for(series):
    times = pd.date_range("2024-01-01", periods=100, freq="h").strftime("%d/%m/%Y %H:%M")
    with pytest.raises(DataError, match=r"fit both %m/%d/%Y %H:%M and %d/%m/%Y %H:%M: say with dataset.time_format"):
        series(lines(times, range(100)), time="time")
    splits = series(lines(times, range(100)), time="time", time_format="%d/%m/%Y %H:%M")
    np.testing.assert_array_equal(splits.train.times, HOURS.to_numpy())


def test_a_time_that_cannot_be_read_is_named_with_its_line(series):
    times = [*HOURS[:50].astype(str), "yesterday", *HOURS[51:].astype(str)]
    with pytest.raises(
        DataError, match=r"1 time in time not written as ISO8601:\n  line 52: 'yesterday'\n.*bad_rows: skip"
    ):
        series(lines(times, range(100)), time="time")
    splits = series(lines(times, range(100)), time="time", bad_rows="skip")
    assert splits.warnings[0].endswith(
        "1 row left out without a time in time (bad_rows: skip):\n  line 52: 'yesterday'"
    )


def test_a_row_without_a_time_is_named_with_its_line(series):
    times = [*HOURS[:50].astype(str), "", *HOURS[51:].astype(str)]
    with pytest.raises(DataError, match=r"no time in:\n  line 52\n.*dataset\.bad_rows: skip"):
        series(lines(times, range(100)), time="time")
    splits = series(lines(times, range(100)), time="time", bad_rows="skip")
    assert splits.warnings[0].endswith("1 row left out without a time in time (bad_rows: skip):\n  line 52: ''")


def test_a_column_of_numbers_is_a_time_too(series):
    splits = series({"time": range(1900, 2000), "x": range(100)}, time="time")
    assert splits.train.times.tolist() == list(range(1900, 2000))
    with pytest.raises(DataError, match="calendar needs dates"):
        series({"time": range(1900, 2000), "x": range(100)}, time="time", calendar=["month"])


def test_rows_out_of_order_are_sorted_with_a_warning_that_names_them(series):
    order = [*range(30), 40, 31, *range(32, 40), 30, *range(41, 100)]
    splits = series({"time": HOURS[order], "x": order}, time="time")
    assert values(splits) == list(range(100))
    assert splits.warnings[0].endswith("sorted by it; it goes back 2 times:\n  line 33\n  line 42")


def test_rows_that_say_the_same_twice_are_left_out_with_a_warning(series):
    order = [*range(30), 29, *range(30, 100)]
    splits = series({"time": HOURS[order], "x": order}, time="time")
    assert values(splits) == list(range(100))
    assert splits.warnings[0].endswith("1 row left out, said twice:\n  line 32 as line 31: 2024-01-02 05:00:00")


def test_two_values_at_one_time_are_an_error_that_names_both_rows(series):
    order = [*range(30), 29, *range(30, 100)]
    with pytest.raises(
        DataError, match=r"different values at one time:\n  line 32 and line 31: [^\n]*\n.*series_id names"
    ):
        series({"time": HOURS[order], "x": range(101)}, time="time")


def test_gaps_are_reported_with_the_row_after_them(series):
    kept = [n for n in range(102) if n not in (20, 50)]
    times = pd.date_range("2024-01-01", periods=102, freq="h")[kept]
    splits = series({"time": times, "x": kept}, time="time")
    assert (
        splits.warnings[0]
        .splitlines()[0]
        .endswith(
            "most rows are an hour (h) apart, 2 are not; no window reaches over these gaps (dataset.gaps: break):"
        )
    )
    assert splits.warnings[0].splitlines()[1:] == [
        "  line 22: 2024-01-01 21:00:00 comes after 2024-01-01 19:00:00",
        "  line 51: 2024-01-03 03:00:00 comes after 2024-01-03 01:00:00",
    ]


@pytest.mark.parametrize("frequency", ["MS", "ME", "QS-OCT", "YS", "B", "W-WED", "15min", "90s"])
def test_steps_of_calendar_length_are_no_gaps(series, frequency):
    times = pd.date_range("1950-01-02", periods=100, freq=frequency)
    assert series({"time": times, "x": range(100)}, time="time").warnings == ()


def test_a_missing_month_is_the_only_gap(series):
    times = pd.date_range("1990-01-01", periods=101, freq="MS").delete(13)
    warning = series({"time": times, "x": range(100)}, time="time").warnings[0]
    assert warning.splitlines()[1:] == ["  line 15: 1991-03-01 comes after 1991-01-01"]


# --- cells ------------------------------------------------------------------------------------------------------------


def test_cells_that_are_no_numbers_are_all_named_with_their_lines(series):
    table = {"x": ["1"] * 40 + ["many"] + ["2"] * 59, "y": ["3"] * 10 + ["inf"] + ["4"] * 89}
    with pytest.raises(DataError) as caught:
        series(table, targets=["x", "y"])
    assert str(caught.value).splitlines()[1:3] == ["  line 12, y: 'inf'", "  line 42, x: 'many'"]
    assert "2 cells of number columns without a number" in str(caught.value)


def test_a_point_is_no_fraction_where_a_comma_is(series):
    table = "x;y\n" + "".join(f"1.{n:03};{n}\n" for n in range(100))
    with pytest.raises(DataError, match=r"100 cells .*\n  line 2, x: '1\.000'"):
        series(table, delimiter=";", decimal=",")


def test_rows_with_more_fields_than_the_header_are_an_error(series):
    with pytest.raises(DataError, match="line 52"):
        series("x,y\n" + "1,2\n" * 50 + "1,2,3\n" + "1,2\n" * 50)
    with pytest.raises(DataError, match="all 100 rows cannot be used: 3 fields, where the header has 2"):
        series("x,y\n" + "1,2,3\n" * 100)


def with_holes(*rows):
    return {"time": HOURS, "x": [np.nan if n in rows else float(n) for n in range(100)]}


def test_empty_cells_are_an_error_by_default(series):
    with pytest.raises(
        DataError, match=r"2 empty cells:\n  line 5, x\n  line 52, x\n.*dataset\.missing: ffill \(or interp"
    ):
        series(with_holes(3, 50), time="time")


def seen(windows, last):
    """The input of the window whose last row is `last`."""
    return windows.taken(windows.index == last).inputs()[0, :, 0].tolist()


def test_interpolate_draws_a_line_to_a_later_value_only_in_windows_that_have_it(series):
    splits = series(with_holes(20, 21), time="time", missing="interpolate")
    assert seen(splits.train, 20) == [16, 17, 18, 19, 19]  # 22 is not known yet
    assert seen(splits.train, 21) == [17, 18, 19, 19, 19]
    assert seen(splits.train, 22) == pytest.approx([18, 19, 20, 21, 22])
    assert seen(splits.train, 25) == pytest.approx([21, 22, 23, 24, 25])
    assert "2 empty cells (interpolate), which are not measured:\n  line 22, x" in splits.warnings[0]


def test_interpolate_follows_the_time_rather_than_the_row(series):
    times = HOURS.tolist()
    times[11:] = [time + pd.Timedelta("2h") for time in times[11:]]
    splits = series({**with_holes(10), "time": times}, time="time", missing="interpolate", gaps="keep")
    assert seen(splits.train, 12)[2] == pytest.approx(9 + 2 * 1 / 4)


def test_interpolate_knows_nothing_of_the_next_split(series):
    splits = series(with_holes(58, 59, 60, 61), time="time", missing="interpolate")
    assert seen(splits.validation, 64) == pytest.approx([60, 61, 62, 63, 64])
    assert splits.train.index.max() == 56  # of 57, both values are empty
    np.testing.assert_array_equal(splits.train.values[58:62, 0], 57)


def test_a_sequence_of_forecasts_is_made_from_values_carried_forward(series):
    splits = series(with_holes(20, 21), time="time", missing="interpolate", forecast="sequence")
    assert seen(splits.train, 23) == [19, 19, 19, 22, 23]


@pytest.mark.parametrize("missing", ["interpolate", "ffill"])
def test_what_is_not_in_the_file_is_no_target(series, missing):
    splits = series(with_holes(20, 21, 50), time="time", missing=missing)
    actual = splits.train.actual()[:, :, 0]
    ahead = splits.train.index[:, None] + [1, 2]
    np.testing.assert_array_equal(np.isnan(actual), np.isin(ahead, [20, 21, 50]))
    np.testing.assert_array_equal(actual[~np.isnan(actual)], ahead[~np.isnan(actual)])
    assert 19 not in splits.train.index  # both of its values are empty
    assert splits.warnings[-1] == "train: 1 window of 54 left out: all that they forecast is empty"


def test_scales_are_of_values_that_the_file_has(series):
    splits = series(with_holes(20, 21, 50), time="time", missing="ffill", scaler="standard")
    there = np.delete(np.arange(60.0), [20, 21, 50])
    assert splits.spec.target.offset == pytest.approx([there.mean()])
    assert splits.spec.target.scale == pytest.approx([there.std()])


def test_ffill_takes_the_value_before_and_leaves_out_rows_that_have_none(series):
    splits = series(with_holes(0, 1, 20, 21), time="time", missing="ffill")
    assert values(splits)[:2] == [2, 3]
    assert values(splits)[18:20] == [19, 19]
    assert [warning.splitlines()[0].rpartition(": ")[2] for warning in splits.warnings[:2]] == [
        "4 empty cells (ffill), which are not measured:",
        "2 rows left out before the first value:",
    ]
    assert splits.warnings[1].splitlines()[1:] == ["  line 2", "  line 3"]


def test_drop_leaves_rows_out_and_reports_the_gaps_that_this_makes(series):
    splits = series(with_holes(20), time="time", missing="drop")
    assert values(splits)[19:21] == [19, 21]
    assert splits.warnings[0].endswith("1 row left out for an empty cell:\n  line 22")
    assert "comes after" in splits.warnings[1]


@pytest.mark.parametrize("missing", ["interpolate", "ffill"])
def test_a_split_without_a_value_to_forecast_is_an_error(series, missing):
    with pytest.raises(DataError, match="validation: the file has no value of what its 14 windows would forecast"):
        series(with_holes(*range(60, 80)), time="time", missing=missing)


def test_long_lists_of_rows_are_cut(series):
    with pytest.raises(DataError, match=r"40 empty cells:(\n  line \d+, x){10}\n  and 30 more"):
        series(with_holes(*range(40)), time="time")


# --- many series ------------------------------------------------------------------------------------------------------


def test_series_of_one_file_are_told_apart_and_no_window_has_rows_of_two(series):
    table = {
        "time": [time for time in HOURS for _ in range(2)],
        "shop": ["b", "a"] * 100,
        "x": [value for n in range(100) for value in (n, 1000 + n)],
    }
    splits = series(table, time="time", series_id="shop")
    assert splits.warnings == ()
    assert splits.train.segments == ((0, 60), (100, 160))
    for split in (splits.train, splits.validation, splits.test):
        rows = split.starts[:, None] + np.arange(7)
        ids = split.features[rows, 0] >= 1000
        assert (ids == ids[:, :1]).all()
    assert values(splits)[:2] + values(splits)[100:102] == [0, 1, 1000, 1001]


def test_a_series_too_short_for_a_window_is_named(series):
    table = {"x": range(110), "shop": ["long"] * 100 + ["short"] * 10}
    splits = series(table, series_id="shop")
    assert len(splits.train) == 54
    assert splits.warnings == (
        "train has no window of 1 of 2 series; one takes 7 rows:\n  short: 6 rows",
        "validation has no window of 1 of 2 series; one takes 7 rows:\n  short: 2 rows",
        "test has no window of 1 of 2 series; one takes 7 rows:\n  short: 2 rows",
    )


def test_rows_of_no_series_are_named(series):
    with pytest.raises(DataError, match=r"no shop in:\n  line 4"):
        series({"x": range(100), "shop": ["a", "a", None, *["a"] * 97]}, series_id="shop")


def test_values_of_one_series_do_not_fill_anothers(series):
    table = {"x": [*range(50), np.nan, *range(1, 50)], "shop": ["a"] * 50 + ["b"] * 50}
    splits = series(table, series_id="shop", missing="ffill")
    assert values(splits)[49:51] == [49, 1]


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "fields", "message"),
    [
        ("y\n1\n", {}, r"no column 'x'; there are y"),
        ("load,y\n1,2\n", {"targets": ["laod"]}, r"no column 'laod' \(did you mean load\?\)"),
        ("x,x\n1,2\n", {}, r"there are 2 columns named 'x'"),
        ("x\n", {}, "holds no row"),
        ("", {}, "is empty"),
        ("x\n\n\n", {}, "holds no row"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_words(series, table, fields, message):
    with pytest.raises(DataError, match=message):
        series(table, **fields)


@pytest.mark.parametrize("name", ["gro\u0308\u00dfe", " gr\u00f6\u00dfe", "gr\u00f6\u00dfe\u200b"])
def test_a_name_whose_difference_is_not_seen_is_spelled_out(series, name):
    with pytest.raises(DataError) as error:
        series(f"{name},y\n1,2\n", targets=["gr\u00f6\u00dfe"])
    [shown] = re.findall(r"did you mean ([^?]*)\?", str(error.value))
    assert yaml.safe_load(shown) == name and shown.isascii() and shown != name


def test_a_format_without_parts_of_times_is_a_problem_of_the_config(tmp_path):
    for time_format, wrong in {"dd.mm.yyyy": True, "%d.%m.%Y": False, "number": False, "ISO8601": False}.items():
        dataset = Series(path=tmp_path / "x.csv", targets=["x"], time="t", time_format=time_format)
        found = [problem for problem in dataset.problems(None) if problem.path == ("dataset", "time_format")]
        assert ["%Y is a year" in problem.message for problem in found] == [True] * wrong


def test_broken_files_are_refused_in_words(series):
    with pytest.raises(DataError, match="cannot be read"):
        series(b"PAR1 no parquet", ".parquet")
    with pytest.raises(DataError, match=r"ending is none of \.csv, \.tsv, \.parquet"):
        series("x\n1\n", ".xlsx")


def test_a_file_that_is_not_there_is_exit_code_4(tmp_path, locations):
    with pytest.raises(DataError, match="does not exist"):
        Series(path=tmp_path / "gone.csv", targets=["x"]).load(locations)


def problems(tmp_path, **fields):
    return {
        ".".join(map(str, problem.path[1:])): problem.message
        for problem in Series(**{"path": tmp_path / "x.csv", "targets": ["x"], **fields}).problems(None)
    }


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"lookback": 10, "step": 3}, "lookback", "10 is no multiple of step: 3 (9 or 12 would be)"),
        ({"lookback": 2, "step": 3}, "lookback", "2 is no multiple of step: 3 (3 would be)"),
        ({"targets": ["x", "y", "x"]}, "targets.2", "'x' is named twice"),
        ({"time": "x"}, "targets.0", "'x' is the time column"),
        ({"series_id": "f", "features": ["e", "f"]}, "features.1", "'f' is the series_id column"),
        ({"time": "t", "series_id": "t"}, "series_id", "'t' is the time column already"),
        ({"calendar": ["hour"]}, "calendar", "needs dataset.time"),
        ({"time_format": "%Y"}, "time_format", "needs dataset.time"),
        ({"forecast": "iterated", "features": ["x", "y"]}, "features", "features must be the targets"),
        ({"forecast": "iterated", "time": "t", "calendar": ["hour"]}, "calendar", "has no calendar"),
        ({"forecast": "iterated", "delay": 3}, "delay", "so delay must be 0"),
        ({"forecast": "iterated", "step": 2, "lookback": 10}, "step", "so step must be 1"),
        ({"decimal": ",", "quoting": "none"}, "decimal", "is the delimiter already"),
        ({"thousands": ",", "quoting": "none"}, "thousands", "is the delimiter already"),
        ({"decimal": ",", "thousands": ","}, "thousands", "is the decimal already"),
        ({"encoding": "utf-7000"}, "encoding", "Python knows no encoding"),
    ],
)
def test_what_cannot_work_is_known_before_the_file_is_read(tmp_path, fields, path, message):
    found = problems(tmp_path, **fields)
    assert list(found) == [path]
    assert message in found[path]


def test_what_is_said_of_a_new_file_goes_before_the_runs_own_layout():
    found = Layout(decimal=",", thousands=".").written({"decimal": "."}, Path("new.csv"))
    assert (found.decimal, found.thousands) == (".", None)
    with pytest.raises(InputError, match="is the decimal already"):
        Layout(decimal=",").written({"thousands": ","}, Path("new.csv"))


def test_days_as_splits_need_a_time_column(tmp_path):
    splits = {"train": ["2020-01-01", "2020-01-31"], "validation": ["2020-02-01", "2020-02-02"]}
    splits["test"] = ["2020-02-03", None]
    assert list(problems(tmp_path, splits=splits)) == ["splits"]
    assert problems(tmp_path, splits=splits, time="t") == {}


def test_the_shape_of_a_sample_is_known_before_the_file_is_read(tmp_path):
    fields = {"path": tmp_path / "x.csv", "targets": ["x"], "time": "t"}
    assert Series(**fields, lookback=24, step=2).sample_shape() == (12, 1)
    assert Series(**fields, features=["x", "y"], calendar=["hour", "month"]).sample_shape() == (96, 6)


def test_unknown_fields_of_time_are_refused():
    with pytest.raises(ValidationError, match="'hour'"):
        Series(path="x.csv", targets=["x"], time="t", calendar=["weekday"])


@pytest.mark.parametrize("fields", [{"decimal": ","}, {"decimal": ",", "thousands": "."}, {"thousands": ","}])
def test_numbers_in_quotes_may_hold_the_delimiter(tmp_path, locations, fields):
    path = tmp_path / "x.csv"
    numbers = [1000 * row + 0.5 for row in range(40)]
    form = "{:,}" if "thousands" in fields else "{}"
    marks = str.maketrans(",.", ".,") if "decimal" in fields else {}
    path.write_text("x,y\n" + "".join(f'"{form.format(number).translate(marks)}",1\n' for number in numbers))
    series = Series(path=path, targets=["x"], lookback=3, horizon=2, scaler="none", **fields)
    assert not [*series.look()]
    assert series.load(locations).train.values[:, 0].tolist() == numbers


def test_unquoted_numbers_that_hold_the_delimiter_are_told_as_such(tmp_path, locations):
    path = tmp_path / "x.csv"
    path.write_text("x,y\n1,2\n" + "1,5,2\n" * 40)
    series = Series(path=path, targets=["x"], lookback=3, horizon=2, decimal=",")
    (problem,) = series.look()
    assert problem.path == ("dataset", "decimal")
    assert "line 3 has not as many cells as the header; numbers with ',', which is the delimiter too" in problem.message
    with pytest.raises(DataError, match=r"line 3: 3 fields.*(?s:.*)numbers with ',', which .* must stand in quotes"):
        series.load(locations)
