"""Whatever a file holds, each reader finds the rows and the text that the csv module, pandas, json and pyarrow find."""

import csv
import io
import json
import math

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.tables import read_table
from seqrun.datasets.text.tables import table_rows

NAMES = ["a", "b", "c"]
TROUBLE = [
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\r",
    " ",
    "#",
    "'",
    "é",
    "日本",
    "\u2028",
    "\x1f",
    "\\",
    "|",
    "\ufeff",
]
LOOKALIKES = ["007", "1e3", "1.10", "1.0", "NA", "None", "nan", "null", "true", "False", "-0", "1_000", "٣", "inf", ""]
CELLS = st.one_of(
    st.sampled_from(LOOKALIKES),
    st.lists(st.one_of(st.sampled_from(TROUBLE), st.sampled_from(LOOKALIKES), st.text(max_size=3)), max_size=5)
    .map("".join)
    .filter(lambda cell: "\0" not in cell),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
)
NUMBERS = st.one_of(
    st.floats(-1e6, 1e6).map(repr),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["", "NA", "nan", "NULL", "1e5", " 7 ", "+3.5", ".5", "5."]),
)


def tables(cells=CELLS, least=2):
    """Rows of one to three cells, not all of one table blank lines."""
    return st.integers(least, 3).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def written(rows, delimiter, quote_all, end):
    """CSV text by RFC 4180. (The csv module's writer leaves lone carriage returns without quotes.)"""

    def cell(text):
        needs = quote_all or text == "" or any(character in text for character in (delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs else text

    return "".join(delimiter.join(map(cell, row)) + end for row in [NAMES[: len(rows[0])], *rows])


FORMS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "quote_all": st.booleans(),
        "end": st.sampled_from(["\n", "\r\n"]),
    }
)


def rows_of(path, layout):
    """All cells of a table of texts, as the reader of texts finds them, with their places."""
    with path.open(encoding=layout.encoding, newline="") as file:
        header = next(csv.reader(file, delimiter=layout.separator(path)))
    rows = [*table_rows(path, header[0], header[1:], layout, Account())]
    assert not [row.fault for row in rows if row.fault]
    return [row.where for row in rows], [[row.text, *row.cells] for row in rows]


def by_csv_module(text, delimiter):
    """Line and cells of each row below the header; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    rows, first = [], reader.line_num + 1
    for cells in reader:
        if cells:
            rows.append((f"line {first}", cells))
        first = reader.line_num + 1
    return [where for where, _ in rows], [cells for _, cells in rows]


ENDINGS = st.sampled_from([".csv", ".tsv"])


@given(rows=tables(), form=FORMS, ending=ENDINGS, encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_texts_of_csv_are_those_of_the_csv_module_and_of_pandas(folder, rows, form, ending, encoding):
    text, path = written(rows, **form), folder / f"t{ending}"
    path.write_bytes(text.encode(encoding))
    layout = Layout(form["delimiter"], encoding=encoding, quoting="standard")
    wheres, found = rows_of(path, layout)
    assert (wheres, found) == by_csv_module(text, form["delimiter"])
    assert found == rows
    frame = pd.read_csv(
        io.StringIO(text, newline=""), sep=form["delimiter"], dtype=str, keep_default_na=False, skip_blank_lines=False
    )
    assert found == frame.to_numpy().tolist()


PARTS = ['"', '""', ",", "\n", "a", "b ", "\r\n", "c,d", '"e"', '"f,g"\n']


@given(text=st.lists(st.sampled_from(PARTS), max_size=25).map("".join))
def test_any_text_has_the_rows_of_the_csv_module_or_faults(folder, text):
    text, path = "a,b\n" + text, folder / "any.csv"
    path.write_bytes(text.encode())
    found = [*table_rows(path, "a", ["b"], Layout(), Account())]
    try:
        wheres, rows = by_csv_module(text, ",")
    except csv.Error:
        assert any(row.fault for row in found)
        return
    assert [row.where for row in found] == wheres
    assert [None if row.fault else [row.text, *row.cells] for row in found] == [
        cells if len(cells) == 2 else None for cells in rows
    ]


LINES = st.lists(st.sampled_from(['"', "it", "is", " ", '6"', '""', "x", '"all"']), min_size=1, max_size=5).map("".join)


@given(rows=tables(LINES.filter(lambda cell: cell.strip())), blank=st.booleans())
def test_a_tsv_without_quoting_has_a_row_for_each_line(folder, rows, blank):
    lines = ["\t".join(row) for row in [NAMES[: len(rows[0])], *rows]]
    path = folder / "plain.tsv"
    path.write_text("\n".join(lines) + "\n" * (1 + blank), encoding="utf-8")
    wheres, found = rows_of(path, Layout())
    assert wheres == [f"line {number}" for number in range(2, len(rows) + 2)]
    quoted = []
    for line in lines[1:]:
        try:
            quoted.append(next(csv.reader([line], delimiter="\t", strict=True)))
        except csv.Error:
            quoted.append(None)
    assert found in (rows, quoted)
    assert rows_of(path, Layout(quoting="none"))[1] == rows


JSON = st.one_of(CELLS, st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.booleans(), st.none())


@given(rows=tables(JSON), escaped=st.booleans(), end=st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_values_of_json_lines_are_those_of_json(folder, rows, escaped, end):
    names = NAMES[: len(rows[0])]
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    path = folder / "t.jsonl"
    lines = (json.dumps(each, ensure_ascii=escaped) + end for each in objects)
    path.write_bytes("".join(lines).encode())
    found = [*table_rows(path, names[0], names[1:], Layout(), Account())]
    assert [[row.text, *row.cells] for row in found] == rows
    apart = end.count("\n")
    assert [row.where for row in found] == [f"line {1 + number * apart}" for number in range(len(rows))]


@given(rows=tables(st.one_of(CELLS, st.none())), size=st.integers(1, 4))
def test_texts_of_parquet_are_those_of_pyarrow(folder, rows, size):
    names = NAMES[: len(rows[0])]
    path = folder / "t.parquet"
    columns = {name: pa.array(cells, pa.string()) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}
    pq.write_table(pa.table(columns), path, row_group_size=size)
    found = [*table_rows(path, names[0], names[1:], Layout(), Account())]
    assert [[row.text, *row.cells] for row in found] == rows
    frame = read_table(path, None, Layout()).frame.astype(object)
    assert frame.where(frame.notna(), None).to_numpy().tolist() == rows


@given(rows=tables(least=1), form=FORMS, ending=ENDINGS)
def test_columns_of_text_in_a_table_of_numbers_are_those_of_the_csv_module(folder, rows, form, ending):
    text, path = written(rows, **form), folder / f"series{ending}"
    path.write_bytes(text.encode())
    names = NAMES[: len(rows[0])]
    layout = Layout(form["delimiter"], quoting="standard")
    frame = read_table(path, None, layout, text=names).frame
    wheres, expected = by_csv_module(text, form["delimiter"])
    assert frame.to_numpy().tolist() == expected == rows
    assert [f"line {line}" for line in frame.index] == wheres


@given(rows=tables(NUMBERS, least=1), ids=st.lists(CELLS, min_size=6, max_size=6), form=FORMS)
def test_numbers_are_those_of_pandas_and_ids_beside_them_stay_text(folder, rows, ids, form):
    rows = [[name, *row[:2]] for name, row in zip(ids, rows, strict=False)]
    text, path = written(rows, **form), folder / "n.csv"
    path.write_bytes(text.encode())
    frame = read_table(path, None, Layout(form["delimiter"], quoting="standard"), text=["a"]).frame
    assert frame["a"].tolist() == [row[0] for row in rows]
    for place, name in enumerate(frame.columns[1:], start=1):
        for cell, value in zip([row[place] for row in rows], frame[name], strict=True):
            expected = pd.to_numeric(pd.Series([cell], dtype="str"), errors="coerce").astype(float)[0]
            assert float(value) == pytest.approx(expected, rel=1e-15, nan_ok=True), (cell, value)
            assert math.isnan(expected) or float(value) == pytest.approx(float(cell), rel=1e-15)
