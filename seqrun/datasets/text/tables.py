"""Labelled texts in one file with a column for the text and one or more for labels: CSV, TSV, JSON lines or Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqrun.components.keys import unequal
from seqrun.datasets.files.opening import read_text
from seqrun.datasets.files.parquet import check_columns_room, open_parquet, rows_at_once
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.columns import check_columns
from seqrun.datasets.shared.delimited import read_delimited
from seqrun.datasets.shared.json_lines import read_object
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.text.endings import table_ending
from seqrun.datasets.text.rows import Row
from seqrun.errors import DataError

LINES_AHEAD = 100  # read for the keys of a JSON lines file: one object may lack some


def table_rows(
    path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account, *, whole: bool = False
) -> Iterator[Row]:
    """Yield the rows of a table in the format of the file's ending; raise DataError for a missing column.

    `text` is the column of the texts, `labels` are the columns that label them, if any; `whole` rows have all of their
    cells. The `account` is kept.
    """
    kind = table_ending(path)
    read = {".jsonl": _jsonl_rows, ".parquet": _parquet_rows}.get(kind or "", _delimited_rows)
    return read(path, text, labels, layout, account, whole)


def _delimited_rows(
    path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account, whole: bool
) -> Iterator[Row]:
    found = read_delimited(path, layout, account)
    found.check(path, (text, *labels))
    wanted = [found.header.index(column) for column in (text, *labels)]
    names = unequal(found.header)
    for record in found.rows:
        where = f"line {record.line}"
        if record.fault:
            yield Row(where, fault=record.fault)
            continue
        first, *cells = (record.cells[place] for place in wanted)
        own = dict(zip(names, record.cells, strict=True)) if whole else {}
        yield Row(where, first, tuple(cells), own=own)


def _jsonl_rows(
    path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account, whole: bool
) -> Iterator[Row]:
    keys: dict[str, None] = {}
    for number, line in enumerate(io.StringIO(read_text(path, layout.encoding), newline="\n"), start=1):
        if not line.strip():
            account.leave_out("blank line", number)
            continue
        account.rows += 1
        try:
            values = read_object(line)
        except ValueError as error:
            yield Row(f"line {number}", fault=str(error))
            continue
        keys.update(dict.fromkeys(values))
        yield Row(f"line {number}", values.get(text), tuple(map(values.get, labels)), own=values if whole else {})
    if keys:
        check_columns(path, list(keys), (text, *labels))


def _parquet_rows(
    path: Path, text: str, labels: Sequence[str], layout: Layout, account: Account, whole: bool
) -> Iterator[Row]:
    account.unit = "row"
    try:
        with open_parquet(path) as file:
            header = file.schema_arrow.names
            columns = (text, *labels)
            check_columns(path, header, columns)
            number = 0
            others = [name for name in header if header.count(name) == 1] if whole else []
            read = list(dict.fromkeys((*columns, *others)))
            size = rows_at_once(file, check_columns_room(path, file, read))
            for batch in file.iter_batches(columns=read, batch_size=size):
                for values in zip(*map(batch.column, (*columns, *others)), strict=True):
                    number += 1
                    account.rows += 1
                    try:
                        first, *cells = (value.as_py() for value in values)
                        own = dict(zip(others, cells[len(labels) :], strict=True))
                        yield Row(f"row {number}", first, tuple(cells[: len(labels)]), own=own)
                    except UnicodeDecodeError as error:
                        yield Row(f"row {number}", fault=f"undecodable bytes: {error}")
    except OSError as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error
