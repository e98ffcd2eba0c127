"""Labelled texts in one file with a column for the text and one or more for labels: CSV, TSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from seqrun.datasets.shared.written import without_mark
from seqrun.datasets.text.rows import Row
from seqrun.errors import DataError
from seqrun.spelling import suggest

LINES_AHEAD = 100  # read for the keys of a JSON lines file: one object may lack some


def csv_rows(path: Path, text: str, labels: Sequence[str], encoding: str) -> Iterator[Row]:
    """Yield the rows of a CSV or TSV file (by its ending) with a header, quoted as spreadsheets do."""
    csv.field_size_limit(2**31 - 1)  # a field may be a book
    delimiter = "," if path.suffix.lower() == ".csv" else "\t"
    with path.open(encoding=without_mark(encoding), errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        header = _header(path, reader)
        wanted = [_position(path, header, column) for column in (text, *labels)]
        while True:
            where = f"line {reader.line_num + 1}"
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(where, fault=f"{error} (is a quote not closed, or not doubled?)")
                continue
            if not fields:  # a blank line
                continue
            if len(fields) == len(header):
                first, *cells = (fields[i] for i in wanted)
                yield Row(where, first, tuple(cells))
            else:
                yield Row(where, fault=f"{len(fields)} fields, where the header has {len(header)}")


def _header(path: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise DataError(f"{path} is empty") from None
    except csv.Error as error:
        raise DataError(f"{path}: line 1: the header cannot be read: {error}") from error


def jsonl_rows(path: Path, text: str, labels: Sequence[str], encoding: str) -> Iterator[Row]:
    """Yield the rows of a file with one JSON object a line."""
    keys: dict[str, None] = {}
    with path.open(encoding=without_mark(encoding), errors="surrogateescape", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except ValueError as error:
                yield Row(f"line {number}", fault=f"no JSON: {error}")
                continue
            if not isinstance(values, dict):
                yield Row(f"line {number}", fault="no JSON object")
                continue
            keys.update(dict.fromkeys(values))
            yield Row(f"line {number}", values.get(text), tuple(map(values.get, labels)))
    for column in (text, *labels) if keys else ():
        _position(path, list(keys), column)


def parquet_rows(path: Path, text: str, labels: Sequence[str], encoding: str) -> Iterator[Row]:
    """Yield the rows of a Parquet file; `encoding` has no effect, because Parquet's strings are UTF-8."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            header = file.schema_arrow.names
            columns = (text, *labels)
            for column in columns:
                _position(path, header, column)
            number = 0
            for batch in file.iter_batches(columns=list(dict.fromkeys(columns))):
                for values in zip(*map(batch.column, columns), strict=True):
                    number += 1
                    try:
                        first, *cells = (value.as_py() for value in values)
                        yield Row(f"row {number}", first, tuple(cells))
                    except UnicodeDecodeError as error:
                        yield Row(f"row {number}", fault=f"undecodable bytes: {error}")
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error


TABLES = {".csv": csv_rows, ".tsv": csv_rows, ".jsonl": jsonl_rows, ".parquet": parquet_rows}


def table_rows(path: Path, text: str, labels: Sequence[str], encoding: str) -> Iterator[Row]:
    """Yield the rows of a table in the format of the file's ending; raise DataError for a missing column.

    `text` is the column of the texts, `labels` are the columns that label them, if any.
    """
    return TABLES[path.suffix.lower()](path, text, labels, encoding)


def header_of(path: Path, encoding: str) -> list[str] | None:
    """Return the columns of a CSV, TSV or JSON lines file, for a quick check; of JSON lines, those of the first
    objects.

    None if they cannot be read, or not quickly; reading the whole file will then tell what is wrong.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".tsv", ".jsonl") or not path.is_file():
        return None
    try:
        if ending != ".jsonl":
            with path.open(encoding=without_mark(encoding), errors="surrogateescape", newline="") as file:
                return next(csv.reader(file, delimiter="," if ending == ".csv" else "\t", strict=True), None)
        with path.open(encoding=without_mark(encoding), errors="surrogateescape", newline="\n") as file:
            objects = [json.loads(line) for line in islice(file, LINES_AHEAD) if line.strip()]
    except (OSError, ValueError, csv.Error):  # a UnicodeError is a ValueError
        return None
    return list(dict.fromkeys(key for each in objects if isinstance(each, dict) for key in each)) or None


def column_fault(header: Sequence[str], column: str) -> str | None:
    """Return why a column cannot be read from a table with this header; None if it can."""
    if header.count(column) == 1:
        return None
    if column in header:
        return f"there are {header.count(column)} columns named {column!r}"
    return f"no column {column!r}{suggest(column, header)}; there are {', '.join(header)}"


def _position(path: Path, header: Sequence[str], column: str) -> int:
    if fault := column_fault(header, column):
        raise DataError(f"{path}: {fault}")
    return header.index(column)
