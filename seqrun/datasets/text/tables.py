"""Labelled texts in one file with a column for the text and one or more for labels: CSV, TSV, JSON lines or Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from seqrun.datasets.files.opening import ending, open_bytes, read_text
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.columns import check_columns
from seqrun.datasets.shared.delimited import header_record, read_delimited
from seqrun.datasets.shared.layout import DELIMITERS, Layout
from seqrun.datasets.shared.records import records
from seqrun.datasets.shared.written import without_mark
from seqrun.datasets.text.rows import Row
from seqrun.errors import DataError

LINES_AHEAD = 100  # read for the keys of a JSON lines file: one object may lack some
ENDINGS = (*DELIMITERS, ".jsonl", ".parquet")
PACKED = (*DELIMITERS, ".jsonl")  # may be
TABLES = ENDINGS


def table_ending(path: Path) -> str | None:
    """Return which of TABLES a file has, before that of a packed file; None if none."""
    return ending(path, TABLES, packed=PACKED)


def table_rows(path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account) -> Iterator[Row]:
    """Yield the rows of a table in the format of the file's ending; raise DataError for a missing column.

    `text` is the column of the texts, `labels` are the columns that label them, if any. The `account` is kept.
    """
    kind = table_ending(path)
    read = {".jsonl": _jsonl_rows, ".parquet": _parquet_rows}.get(kind or "", _delimited_rows)
    return read(path, text, labels, layout, account)


def _delimited_rows(path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account) -> Iterator[Row]:
    found = read_delimited(path, layout, account)
    check_columns(path, found.header, (text, *labels))
    wanted = [found.header.index(column) for column in (text, *labels)]
    for record in found.rows:
        where = f"line {record.line}"
        if record.fault:
            yield Row(where, fault=record.fault)
            continue
        first, *cells = (record.cells[place] for place in wanted)
        yield Row(where, first, tuple(cells))


def _jsonl_rows(path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account) -> Iterator[Row]:
    keys: dict[str, None] = {}
    for number, line in enumerate(io.StringIO(read_text(path, layout.encoding), newline="\n"), start=1):
        if not line.strip():
            account.leave_out("blank line", number)
            continue
        account.rows += 1
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
    if keys:
        check_columns(path, list(keys), (text, *labels))


def _parquet_rows(path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    account.unit = "row"
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            header = file.schema_arrow.names
            columns = (text, *labels)
            check_columns(path, header, columns)
            number = 0
            for batch in file.iter_batches(columns=list(dict.fromkeys(columns))):
                for values in zip(*map(batch.column, columns), strict=True):
                    number += 1
                    account.rows += 1
                    try:
                        first, *cells = (value.as_py() for value in values)
                        yield Row(f"row {number}", first, tuple(cells))
                    except UnicodeDecodeError as error:
                        yield Row(f"row {number}", fault=f"undecodable bytes: {error}")
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error


def header_of(path: Path, layout: Layout) -> list[str] | None:
    """Return the columns of a CSV, TSV or JSON lines file, for a quick check; of JSON lines, those of the first
    objects.

    None if they cannot be read, or not quickly; reading the whole file will then tell what is wrong.
    """
    kind = table_ending(path)
    if kind is None or kind == ".parquet" or not path.is_file():
        return None
    try:
        with io.TextIOWrapper(
            open_bytes(path),
            without_mark(layout.encoding),
            errors="surrogateescape",
            newline="\n" if kind == ".jsonl" else "",
        ) as file:
            if kind != ".jsonl":
                quoted = layout.quoting != "none"
                return header_record(path, records(file, layout.separator(path), layout, quoted=quoted)).cells
            objects = [json.loads(line) for line in islice(file, LINES_AHEAD) if line.strip()]
    except (OSError, ValueError, EOFError, DataError):  # a UnicodeError is a ValueError
        return None
    return list(dict.fromkeys(key for each in objects if isinstance(each, dict) for key in each)) or None
