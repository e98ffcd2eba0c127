"""Whether a table has the columns that a config names, and what would give it those that it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqrun.datasets.files.opening import likely_encoding
from seqrun.datasets.shared.written import undecodable
from seqrun.errors import DataError
from seqrun.spelling import suggest

_SEPARATORS = {",": "','", ";": "';'", "\t": r'"\t"', "|": "'|'"}  # usual ones, as YAML has them


def column_fault(header: Sequence[str], column: str) -> str | None:
    """Return why a column cannot be read from a table with this header; None if it can."""
    if header.count(column) == 1:
        return None
    if column in header:
        return f"there are {header.count(column)} columns named {column!r}"
    if len(header) == 1 and (delimiter := delimiter_of(header[0])):
        return f"no column {column!r}: the header has one cell, {header[0]!r}: dataset.delimiter: {delimiter}"
    return f"no column {column!r}{suggest(column, header)}; there are {shown(header)}"


def shown(header: Sequence[str]) -> str:
    """Return the names of columns for a message."""
    return ", ".join(header).encode(errors="surrogateescape").decode(errors="replace")


def delimiter_of(line: str) -> str | None:
    """Return the delimiter that a line seems to have, as YAML has it; None if it has none of the usual ones."""
    counts = {line.count(separator): separator for separator in reversed(_SEPARATORS)}
    most = max(counts)
    return _SEPARATORS[counts[most]] if most else None


def check_columns(path: Path, header: Sequence[str], columns: Sequence[str] | None) -> None:
    """Raise DataError, naming all of them, for columns (None: all) that a table with this header lacks or has twice."""
    wanted = dict.fromkeys(header if columns is None else columns)
    faults = [fault for column in wanted if (fault := column_fault(header, column))]
    if faults and undecodable(" ".join(header)):
        encoding = likely_encoding("".join(header).encode(errors="surrogateescape"))
        faults.append(f"the header cannot be decoded: dataset.encoding: {encoding}")
    if faults:
        raise DataError("\n".join(f"{path}: {fault}" for fault in faults))
