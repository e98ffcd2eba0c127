"""Series' names, numbers and rows as people's files have them: every setting that says how a file is written."""

import bz2
import gzip
import io
import lzma
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.series import Series
from seqrun.errors import DataError

DAYS = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")


@pytest.fixture
def load(tmp_path, told):
    """Loads what a file holds as series of the column x."""

    def load(content, name="s.csv", **fields):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        shape = {"targets": ["x"], "lookback": 4, "horizon": 2, "scaler": "none"}
        dataset = Series(path=path, **(shape | fields))
        return dataset.load(Locations(None, lambda event: told.append(event.line())))

    return load


def of_names(names, times=DAYS):
    return "id,day,x\n" + "".join(f"{name},{day},{row + 0.5}\n" for name in names for row, day in enumerate(times))


def names_of(splits, path):
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    return encoder.last_windows(path).series


AS_WRITTEN = [
    ("007", "042", "100"),
    ("1e3", "1E5", "2e2"),
    ("1.1", "1.10", "1.2"),
    ("NA", "None", "nan", "null"),
    ("true", "True", "1"),
    ("1", "1.0", "01", "+1"),
    ("9007199254740993", "9007199254740992"),
    ("2020-01-01", "20200101"),
    ("ü", "U", "٣", "3"),
]


@pytest.mark.parametrize("names", AS_WRITTEN, ids=lambda names: names[0])
def test_names_of_series_are_what_stands_in_the_file(load, tmp_path, names):
    splits = load(of_names(names), time="day", series_id="id")
    assert names_of(splits, tmp_path / "s.csv") == names
    quoted = of_names([f'"{name}"' for name in names])
    assert names_of(load(quoted, time="day", series_id="id"), tmp_path / "s.csv") == names


def test_a_name_is_one_series_however_long_the_file(load, tmp_path):
    """Parsers that guess types guess them anew for each part of a large file."""
    rows = "".join(f"{'x' if row > 150_000 else ''}3,{row}.25\n" for row in range(300_000))
    load("id,x\n" + rows, series_id="id", limit=5)
    assert names_of(load("id,x\n" + rows, series_id="id", limit=5), tmp_path / "s.csv") == ("3", "x3")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["1.0", "1", "01"], ("1.0", "1", "01")),
        ([1, 20, 3], ("1", "20", "3")),
        ([1.0, 2.0, 2.5], ("1", "2", "2.5")),
        ([True, False], ("true", "false")),
    ],
    ids=str,
)
def test_names_of_parquet_follow_its_types(load, tmp_path, values, names):
    ids = [value for value in values for _ in range(30)]
    pq.write_table(pa.table({"id": ids, "x": [0.5] * len(ids)}), tmp_path / "p.parquet")
    splits = load((tmp_path / "p.parquet").read_bytes(), "p.parquet", series_id="id")
    assert names_of(splits, tmp_path / "p.parquet") == names


def test_a_row_without_a_name_is_bad_and_can_be_left_out(load, tmp_path):
    content = of_names(["a", "NA", ""])
    with pytest.raises(DataError, match=r"no id in:\n  line 62\n[^$]*bad_rows: skip"):
        load(content, time="day", series_id="id")
    splits = load(content, time="day", series_id="id", bad_rows="skip")
    assert names_of(splits, tmp_path / "s.csv") == ("a", "NA")
    assert "30 rows left out without id" in splits.warnings[0]


# --- numbers ----------------------------------------------------------------------------------------------------------

VALUES = [1234.5, -0.25, 1e6, 7.0] * 10


def written(values, form):
    return "x\n" + "".join(f'"{form(value)}"\n' for value in values)


FORMS = {
    "1,234.5": ({"thousands": ","}, lambda v: f"{v:,}"),
    "1.234,5": ({"thousands": ".", "decimal": ","}, lambda v: f"{v:,}".translate(str.maketrans(",.", ".,"))),
    "1234,5": ({"decimal": ","}, lambda v: str(v).replace(".", ",")),
    "1 234.5": ({"thousands": " "}, lambda v: f"{v:,}".replace(",", " ")),
    "1\u202f234,5": (
        {"thousands": " ", "decimal": ","},
        lambda v: f"{v:,}".translate(str.maketrans(",.", "\u202f,")),
    ),
    "1'234.5": ({"thousands": "'"}, lambda v: f"{v:,}".replace(",", "'")),
}


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_read_as_they_are_written(load, form):
    fields, write = FORMS[form]
    splits = load(written(VALUES, write), delimiter=";", **fields)
    assert splits.train.values[:, 0].tolist() == VALUES
    with pytest.raises(DataError) as caught:
        load(written(VALUES, write), delimiter=";")
    for name, value in fields.items():
        assert f"dataset.{name}: {value!r}" in str(caught.value)


@pytest.mark.parametrize("cell", ["12,34", "1,2,3", "1,2345", "1,234,56", ",123"])
def test_digits_in_other_groups_than_of_three_are_no_number(load, cell):
    with pytest.raises(DataError, match="1 cell of number columns"):
        load("x;y\n" + "1,000;1\n" * 30 + f"{cell};1\n", delimiter=";", thousands=",")


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        (["105,29", "7"], "cells such as 105,29: dataset.decimal: ','"),
        (["1,234", "105,29"], "cells such as 1,234: dataset.decimal: ','"),
        (["1,234", "1,234,567"], "cells such as 1,234: dataset.thousands: ','"),
        (["1.234,5", "2"], "cells such as 1.234,5: dataset.decimal: ','; dataset.thousands: '.'"),
        (["?", "?"], "dataset.missing_values: ['?']"),
        (["-", "?"], "dataset.missing_values: ['-', '?']"),
    ],
)
def test_the_setting_that_would_read_a_cell_is_named(load, cells, hint):
    rows = [*["1"] * 20, *cells, *["2"] * 20]
    with pytest.raises(DataError) as caught:
        load("x;y\n" + "".join(f"{cell};0\n" for cell in rows), delimiter=";")
    assert hint in str(caught.value)


def test_a_row_of_units_is_told_and_left_out(load, told):
    content = "day,x,y\n,degC,m/s\n" + "".join(f"{day},{row},1\n" for row, day in enumerate(DAYS))
    with pytest.raises(DataError, match=r"line 2, x: 'degC'\n.*skip_rows: \[2\]"):
        load(content)
    splits = load(content, skip_rows=[2], time="day")
    assert splits.train.values[:3, 0].tolist() == [0, 1, 2]
    assert told[-1].endswith("30 rows read, 15 windows; 1 skipped line left out (line 2)")


def test_words_for_nothing_are_empty_cells_of_numbers_and_names_of_series(load):
    rows = [*["NA", "null", "", "n/a", "-9999", "-9999.0"], *["1"] * 30]
    with pytest.raises(DataError, match="6 empty cells"):
        load("x,y\n" + "".join(f"{cell},0\n" for cell in rows), missing_values=["-9999"])


def test_bad_cells_can_be_left_out_with_their_rows(load):
    content = "x,y\n" + "1,2\n" * 20 + "many,2\n3\n1,2,3\n" + "4,5\n" * 20
    with pytest.raises(DataError, match=r"2 rows cannot be used:\n  line 23: 1 field, .*\n  line 24: 3 fields"):
        load(content)
    splits = load(content, bad_rows="skip")
    assert splits.train.values[18:22, 0].tolist() == [1, 1, 4, 4]
    assert "2 rows left out (bad_rows: skip):\n  line 23: 1 field" in splits.warnings[0]
    assert "1 row left out for cells without a number (bad_rows: skip):\n  line 22, x: 'many'" in splits.warnings[1]


@pytest.mark.parametrize(
    "times", [DAYS, range(30), [day.replace("-", "") for day in DAYS]], ids=["days", "rows", "whole"]
)
def test_rows_without_a_time_can_be_left_out(load, times):
    rows = [f"{time},{row}" for row, time in enumerate(times)]
    content = "\n".join(["t,x", *rows[:15], ",7", *rows[15:], "Total,435", ""])
    with pytest.raises(DataError):
        load(content, time="t")
    splits = load(content, time="t", bad_rows="skip")
    assert splits.train.values[13:17, 0].tolist() == [13, 14, 15, 16]
    told = next(warning for warning in splits.warnings if "without a time" in warning)
    assert told.endswith("2 rows left out without a time in t (bad_rows: skip):\n  line 17: ''\n  line 33: 'Total'")


def test_all_that_is_wrong_with_cells_is_told_at_once(load):
    rows = [f"a,{day},1,1.5" for day in DAYS]
    rows[3], rows[5], rows[7] = "a,2024-01-04,many,1", ",2024-01-06,1,2", "a,someday,1,2"
    with pytest.raises(DataError) as caught:
        load("\n".join(["id,t,x,y", *rows]), time="t", series_id="id", targets=["x", "y"])
    for fault in ("no id in:\n  line 7", "line 5, x: 'many'", "line 9: 'someday'"):
        assert fault in str(caught.value)
    with pytest.raises(DataError) as caught:
        load("\n".join(["id,t,x,y", *rows]), targets=["u", "x", "v"])
    assert str(caught.value).count("no column") == 2


# --- lines ------------------------------------------------------------------------------------------------------------


def test_lines_are_counted_as_an_editor_counts(load):
    content = '# made\n\nx,note\n1,"two\nlines"\n\n# late\n2,"three\n\nlines"\nmany,-\n' + "3,-\n" * 30
    with pytest.raises(DataError, match="line 11, x: 'many'"):
        load(content, comment="#")


def test_comments_blank_lines_and_the_top_are_left_out_and_told(load, told):
    content = "made by\na logger\nx,y\n1,2\n# pause\n\n" + "3,4\n" * 30 + "\n\n"
    splits = load(content, comment="#", skip_rows=2)
    assert splits.train.values[:3, 0].tolist() == [1, 3, 3]
    assert told[-1].split("; ")[1:] == [
        "2 skipped lines left out (lines 1-2)",
        "1 comment left out (line 5)",
        "3 blank lines left out (lines 6, 37-38)",
    ]


def test_a_blank_line_in_a_table_of_one_column_is_an_empty_cell(load):
    with pytest.raises(DataError, match=r"1 empty cell:\n  line 22, x"):
        load("x\n" + "1\n" * 20 + "\n" + "2\n" * 20 + "\n\n")


@pytest.mark.parametrize("delimiter", [";", "|", "\t", r"\t", "¦"])
def test_the_delimiter_is_any_character(load, delimiter):
    mark = delimiter.replace(r"\t", "\t")
    content = f"a{mark}x\n" + "".join(f"1,5{mark}{row}\n" for row in range(30))
    assert load(content, delimiter=delimiter).train.values[:3, 0].tolist() == [0, 1, 2]


def test_a_delimiter_that_is_another_is_named(load):
    with pytest.raises(DataError, match=r"no column 'x': the header has one cell, 'a;x': dataset.delimiter: ';'"):
        load("a;x\n" + "1;2\n" * 30)


# --- files ------------------------------------------------------------------------------------------------------------


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inside.csv", data)
        archive.writestr("__MACOSX/._inside.csv", b"x")
    return file.getvalue()


PACKERS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
    ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("ending", PACKERS)
def test_packed_files_are_read_by_their_endings(load, ending):
    content = b"x\n" + b"".join(b"%d\n" % row for row in range(30))
    assert load(PACKERS[ending](content), f"s.csv{ending}").train.values[:3, 0].tolist() == [0, 1, 2]
    with pytest.raises(DataError, match="cannot be read"):
        load(PACKERS[ending](content)[:-9], f"s.csv{ending}")
    with pytest.raises(DataError, match=rf"packed \(\w+\) and not called so: let its name end in \{ending}"):
        load(PACKERS[ending](content), "s.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
def test_bytes_in_another_encoding_name_it(load, encoding):
    content = ("größe,x\n" + "é,1\n" * 30).encode(encoding)
    assert load(content, encoding=encoding).train.values[:2, 0].tolist() == [1, 1]
    if encoding != "utf-8":
        with pytest.raises(DataError, match=f"dataset.encoding: {encoding}"):
            load(content, targets=["größe"])


@pytest.mark.parametrize(
    "column", [["1", "?"] * 15, [1.5, -9999.0] * 15, [1, -9999] * 15], ids=["text", "floats", "integers"]
)
def test_what_stands_for_nothing_does_so_in_parquet_too(load, tmp_path, column):
    pd.DataFrame({"day": DAYS, "x": column}).to_parquet(tmp_path / "s.parquet")
    marks = ["?", "-9999"]
    splits = load((tmp_path / "s.parquet").read_bytes(), "s.parquet", time="day", missing="ffill", missing_values=marks)
    assert {float(value) for value in splits.train.values.ravel()} == {float(column[0])}
    with pytest.raises(DataError, match="empty"):
        load((tmp_path / "s.parquet").read_bytes(), "s.parquet", time="day", missing_values=marks)


def test_a_number_that_is_too_large_is_shown_as_it_stands(load):
    values = ["1.5"] * 28 + ["1e400", "-1E999"]
    content = "day,x\n" + "".join(f"{day},{value}\n" for day, value in zip(DAYS, values, strict=True))
    with pytest.raises(DataError, match="2 cells of number columns") as error:
        load(content, time="day")
    assert "line 30, x: '1e400'\n" in str(error.value) and "line 31, x: '-1E999'\n" in str(error.value)


@pytest.mark.parametrize("settings", [{}, {"thousands": "'"}, {"delimiter": ";", "decimal": ","}])
@pytest.mark.parametrize("empty", [None, "NA"])
def test_flags_are_numbers_whatever_else_is_said_of_the_file(load, settings, empty):
    flags = [["True", "FALSE", "true", "False"][row % 4] for row in range(30)]
    wanted = [float(flag.lower() == "true") for flag in flags]
    if empty is not None:
        flags[5], wanted[5] = empty, wanted[4]
    mark = settings.get("delimiter", ",")
    content = f"day{mark}x\n" + "".join(f"{day}{mark}{flag}\n" for day, flag in zip(DAYS, flags, strict=True))
    splits = load(content, time="day", missing="ffill", **settings)
    assert splits.train.values[:, 0].tolist() == wanted
    with pytest.raises(DataError, match="x: 'yes'"):
        load(content.replace("true", "yes"), time="day", missing="ffill", **settings)


def test_series_whose_names_differ_only_in_form_are_told(load):
    splits = load(of_names(["3", " 3", "03", "a", "b", "A"]), time="day", series_id="id")
    assert splits.spec.target.labels == ("x",)
    [told] = splits.warnings
    assert told.endswith(
        "names in id that differ only in form are of different series:\n"
        "  ' 3' (30), '03' (30), '3' (30) (in the format of a number)\n  'A' (30), 'a' (30) (in case)"
    )
    assert load(of_names(["3", "4", "a", "b"]), time="day", series_id="id").warnings == ()
