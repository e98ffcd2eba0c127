"""A quick look at a file's beginning sees what is there, wherever the beginning ends."""

from __future__ import annotations

import csv
import gzip

import pytest

from seqrun.datasets.shared import heads
from seqrun.datasets.shared.heads import read_head
from seqrun.datasets.shared.layout import Layout
from seqrun.errors import DataError

TEXT = 'id,text\n007,"a, ""b""\nc"\n\n1e3,\U0001f600 é\nNA,\n' * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_rows_are_those_of_the_csv_module_wherever_the_beginning_ends(encoding, tmp_path, monkeypatch):
    text = TEXT.replace("\U0001f600", "x") if encoding == "cp1252" else TEXT
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    header, *rows = [row for row in csv.reader(text.splitlines(keepends=True)) if row]
    for size in range(40, len(path.read_bytes()) + 2):
        monkeypatch.setattr(heads, "BYTES", size)
        head = read_head(path, Layout(encoding=encoding))
        assert head.columns == header
        found = [[*row.values()] for _, row in head.rows]
        assert found == rows[: len(found)]
    assert len(found) == len(rows)
    lines = [line for line, _ in head.rows]
    assert [text.splitlines()[line - 1].partition(",")[0] for line in lines] == [row[0] for row in rows]


def test_a_packed_file_is_looked_into_and_one_that_is_not_called_so_is_told(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert read_head(tmp_path / "t.csv.gz", Layout()).columns == ["id", "text"]
    (tmp_path / "t.csv").write_bytes(gzip.compress(TEXT.encode()))
    with pytest.raises(DataError, match=r"let its name end in \.gz"):
        read_head(tmp_path / "t.csv", Layout())


def test_keys_of_json_lines_are_those_of_all_objects_seen(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"a": 1}\nno json\n[1]\n\n{"b": "x", "a": 2.5}\n')
    head = read_head(tmp_path / "t.jsonl", Layout())
    assert head.columns == ["a", "b"]
    assert head.cells("a") == [(1, "1"), (5, "2.5")] and head.cells("b") == [(5, "x")]
