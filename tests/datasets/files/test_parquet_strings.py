"""Strings of Parquet files, of which a repeated one is written once, are measured before they are unfolded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqrun.datasets.files import room
from seqrun.datasets.files.parquet import open_parquet, rows_at_once
from seqrun.datasets.files.strings import unfolded
from seqrun.datasets.samples.own_columns import own_columns
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.tables import read_table
from seqrun.datasets.text.tables import table_rows
from seqrun.errors import DataError

LONG = "x" * 10_000
VALUES = {
    "repeated": [LONG, LONG + "y", None] * 500,
    "nothing": [None] * 1500,
    "different": [f"{number} {LONG[: number % 7]}" for number in range(1500)],
    "bytes": [LONG.encode()] * 1500,
    "lists": [[], None, [LONG] * 3] * 500,
    "maps": [[("key", LONG)]] * 1500,
    "structures": [{"a": LONG, "b": {"c": [LONG, "z"]}}] * 1500,
    "a.b": ["é" * 5000] * 1500,
}
SIMPLE = ("repeated", "different", "bytes", "a.b")  # columns that pyarrow can write in any encoding
WRITTEN = {
    "groups": {"row_group_size": 400},
    "plain": {"use_dictionary": False},
    "differences": {"use_dictionary": False, "column_encoding": dict.fromkeys(SIMPLE, "DELTA_BYTE_ARRAY")},
    "small dictionaries": {"dictionary_pagesize_limit": 1000, "data_page_size": 1000},
}


def bytes_of(value) -> int:
    """How many bytes of text a value has, its parts included."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return sum(map(bytes_of, value.values()))
    return len(value) if isinstance(value, bytes) else sum(map(bytes_of, value or ()))


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "x.parquet"


def measured(path: Path, harmless: int) -> dict[str, int]:
    found = dict.fromkeys(VALUES, 0)
    with open_parquet(path) as file:
        for name, size in unfolded(path, file, [*VALUES], harmless):
            found[name if name in found else name.split(".")[0]] += size
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_strings_are_as_long_as_python_has_them(path, name):
    types = {"maps": pa.map_(pa.string(), pa.string()), "nothing": pa.string()}
    names = SIMPLE if name == "differences" else VALUES
    columns = {column: pa.array(VALUES[column], types.get(column)) for column in names}
    pq.write_table(pa.table(columns), path, **WRITTEN[name])
    found, bounds = measured(path, 0), measured(path, sys.maxsize)
    for column in columns:
        least = sum(map(bytes_of, VALUES[column]))
        assert least <= found[column] <= least + 10 * 1500, column  # of what is plain, with its offsets
        assert least <= bounds[column], column


def few_bytes(path: Path, values: list) -> Path:
    pq.write_table(pa.table({"text": values, "label": ["a", "b"] * (len(values) // 2)}), path)
    assert path.stat().st_size < 30_000
    return path


@pytest.mark.parametrize("values", [[LONG] * 10_000, [[LONG]] * 10_000], ids=["strings", "lists"])
def test_a_small_file_of_large_strings_is_refused_with_both_figures(path, monkeypatch, values):
    few_bytes(path, values)
    monkeypatch.setattr(room, "available_bytes", lambda: 90_000_000)
    message = (
        r"x\.parquet, with what the 10,000 rows of column text\S* unfold to, needs 100\.\d MB of memory, and 90\.0 MB"
    )
    with pytest.raises(DataError, match=message):
        read_table(path, None, Layout())
    with pytest.raises(DataError, match=message):
        next(table_rows(path, "text", ["label"], Layout(), Account()))
    with pytest.raises(DataError, match=message):
        own_columns(path, None, [1], Layout())
    assert len(read_table(path, ["label"], Layout()).frame) == 10_000


def test_what_fits_is_read_as_ever(path, monkeypatch):
    few_bytes(path, [LONG, LONG + "y"] * 5000)
    monkeypatch.setattr(room, "available_bytes", lambda: 130_000_000)  # the bound is above a quarter of this
    rows = [*table_rows(path, "text", ["label"], Layout(), Account())]
    assert [row.text for row in rows] == [LONG, LONG + "y"] * 5000
    assert [row.cells for row in rows[:2]] == [("a",), ("b",)]


def test_no_batch_is_large(path):
    few_bytes(path, [LONG] * 10_000)
    with open_parquet(path) as file:
        assert rows_at_once(file, 100_000_000) == 6400
        assert rows_at_once(file, 1) == 65_536
        assert rows_at_once(file, 10**15) == 1


def test_a_file_that_stands_for_2_gb_is_refused_in_a_process_that_has_less(path):
    """In a process of its own: what the system refuses here, it may end a process for elsewhere."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000), ["x" * 200_000])
    pq.write_table(pa.table({"text": text, "label": ["a", "b"] * 5000}), path, store_schema=False)  # read as strings
    child = f"""
import os, resource
from pathlib import Path
import pandas, pyarrow.parquet, pyarrow.compute
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.text.tables import table_rows
from seqrun.errors import DataError
taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (taken + 1_000_000_000,) * 2)
try:
    next(table_rows(Path({str(path)!r}), "text", ["label"], Layout(), Account()))
except DataError as error:
    print(error)
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    told, kilobytes = done.stdout.splitlines()
    assert "column text unfold to, needs 2.0 GB of memory, and" in told
    assert int(kilobytes) < 400_000
