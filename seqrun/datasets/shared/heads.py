"""The beginning of a file of rows, for a quick look: its columns, and its first rows as they are written."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from seqrun.datasets.files.opening import decoded, ending, read_bytes
from seqrun.datasets.files.parquet import open_parquet
from seqrun.datasets.shared.delimited import FIRST, header_record
from seqrun.datasets.shared.json_lines import read_object
from seqrun.datasets.shared.layout import DELIMITERS, Layout
from seqrun.datasets.shared.quotes import quotes_count
from seqrun.datasets.shared.records import is_blank, records
from seqrun.errors import DataError

BYTES = 1 << 18  # read of a file
ROWS = 100
_CODE_UNIT = 4  # bytes that a character takes at most


@dataclass(frozen=True)
class Head:
    """What a file begins with; rows that cannot be read are left out, for reading the whole file tells of them."""

    path: Path
    columns: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, Any]]] = ()  # line, column -> cell; of Parquet there are none
    lines: Sequence[str] = ()  # the first ones of a CSV or TSV file
    uneven: int | None = None  # the first line with more or fewer cells than the header
    empty: bool = False  # the file holds no row at all, not even one that cannot be read

    def cells(self, column: str) -> list[tuple[int, str]]:
        """Return the column's cells as text, each with its line; what is no text or number is left out."""
        found = ((line, row.get(column)) for line, row in self.rows)
        return [(line, str(cell)) for line, cell in found if isinstance(cell, (str, int, float))]


def read_head(path: Path, layout: Layout) -> Head:
    """Return the head of a CSV, TSV, JSON lines or Parquet file; DataError if not even that can be read."""
    kind = ending(path, (*DELIMITERS, ".jsonl", ".parquet"), packed=(*DELIMITERS, ".jsonl"))
    if kind == ".parquet":
        return _of_parquet(path)
    text, whole = beginning(path, layout.encoding)
    return _of_objects(path, text, whole) if kind == ".jsonl" else _of_records(path, text, whole, layout)


def beginning(path: Path, encoding: str) -> tuple[str, bool]:
    """Return the first lines of a file, and whether they are all."""
    data = read_bytes(path, BYTES)
    if len(data) < BYTES:
        return decoded(path, data, encoding), True
    text = _cut(path, data, encoding)
    return text[: text.rfind("\n") + 1], False


def _cut(path: Path, data: bytes, encoding: str) -> str:
    """Return the text of bytes that may end within a character."""
    for missing in range(_CODE_UNIT):
        try:
            return decoded(path, data[: len(data) - missing], encoding)
        except DataError:
            if missing == _CODE_UNIT - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _of_records(path: Path, text: str, whole: bool, layout: Layout) -> Head:
    delimiter = layout.separator(path)
    quoted, _ = quotes_count(text, delimiter, layout)
    found = records(io.StringIO(text, newline=""), delimiter, layout, quoted=quoted)
    header = header_record(path, found).cells
    rows: list[tuple[int, Mapping[str, Any]]] = []
    uneven = None
    empty = whole
    for record in islice(found, ROWS):
        empty = empty and is_blank(record, len(header))
        if record.fault and not whole:  # a quote may be closed past the beginning
            break
        if not record.fault and not is_blank(record, len(header)) and len(record.cells) == len(header):
            rows.append((record.line, dict(zip(header, record.cells, strict=True))))
        elif uneven is None and not record.fault and not is_blank(record, len(header)):
            uneven = record.line
    return Head(path, header, rows, [*islice(io.StringIO(text), FIRST)], uneven, empty)


def _of_objects(path: Path, text: str, whole: bool) -> Head:
    rows = [*islice(_objects(text), ROWS)]
    empty = not rows and bool(text or whole)  # a single line may be longer than the beginning
    return Head(path, [*dict.fromkeys(key for _, row in rows for key in row)], rows, empty=empty)


def _objects(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        with suppress(ValueError):  # a row that cannot be read
            yield number, read_object(line)


def _of_parquet(path: Path) -> Head:
    try:
        with open_parquet(path) as file:
            return Head(path, file.schema_arrow.names)
    except OSError as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error
