"""Whether a table has the columns that a config names, and what would give it those that it lacks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from unicodedata import normalize

from seqrun.datasets.files.opening import likely_encoding
from seqrun.datasets.shared.written import undecodable
from seqrun.errors import DataError
from seqrun.spelling import nearest

_SEPARATORS = {",": "','", ";": "';'", "\t": r'"\t"', "|": "'|'"}  # usual ones, as YAML has them


def column_fault(header: Sequence[str], column: str) -> str | None:
    """Return why a column cannot be read from a table with this header; None if it can."""
    if header.count(column) == 1:
        return None
    if column in header:
        return f"there are {header.count(column)} columns named {column!r}"
    delimiter = delimiter_of(header[0]) if len(header) == 1 else None
    if len(header) == 1 and delimiter is None and column in header[0].split(" "):
        delimiter = "' '"
    if delimiter:
        return f"no column {column!r}: the header has one cell, {header[0]!r}: dataset.delimiter: {delimiter}"
    return f"no column {column!r}{_suggestion(column, header)}; there are {shown(header)}"


def _suggestion(column: str, header: Sequence[str]) -> str:
    """Return a question for the nearest column, as YAML has its name if one does not see in what it differs."""
    near = nearest(column, header)
    if near is None:
        return ""
    seen = near.isprintable() and near == near.strip() and normalize("NFC", near) != normalize("NFC", column)
    return f" (did you mean {near if seen else json.dumps(near)}?)"


def shown(header: Sequence[str]) -> str:
    """Return the names of columns for a message."""
    return ", ".join(header).encode(errors="surrogateescape").decode(errors="replace")


def delimiter_of(line: str) -> str | None:
    """Return the delimiter that a line seems to have, as YAML has it; None if it has none of the usual ones."""
    counts = {line.count(separator): separator for separator in reversed(_SEPARATORS)}
    most = max(counts)
    return _SEPARATORS[counts[most]] if most else None


def settings_for(lines: Sequence[str], separator: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the settings by which one of the first lines of a file would be a header with these columns.

    That is where to begin, another delimiter, or both; nothing if none of the lines would be.
    """
    wanted = set(columns)
    for mark in dict.fromkeys((separator, *_SEPARATORS)):
        for above, line in enumerate(lines):
            if wanted <= _cells(line, mark):
                found = {"delimiter": _SEPARATORS[mark]} if mark != separator else {}
                return found | ({"skip_rows": str(above)} if above else {})
    return {}


def _cells(line: str, mark: str) -> set[str]:
    """Return the cells of a line; none of one that cannot be read, which is no header."""
    try:
        return set(next(csv.reader([line], delimiter=mark), []))
    except csv.Error:
        return set()


def check_columns(
    path: Path, header: Sequence[str], columns: Sequence[str] | None, lines: Sequence[str] = (), separator: str = ","
) -> None:
    """Raise DataError, naming all of them, for columns (None: all) that a table with this header lacks or has twice.

    It names the settings by which one of the file's first `lines` would be the header, if there are any.
    """
    wanted = dict.fromkeys(header if columns is None else columns)
    faults = [fault for column in wanted if (fault := column_fault(header, column))]
    if faults and undecodable(" ".join(header)):
        encoding = likely_encoding("".join(header).encode(errors="surrogateescape"))
        faults.append(f"the header cannot be decoded: dataset.encoding: {encoding}")
    settings = settings_for(lines, separator, wanted) if faults else {}
    if settings and (len(header) > 1 or "skip_rows" in settings):  # else the faults name it
        mended = "; ".join(f"dataset.{name}: {value}" for name, value in settings.items())
        faults.append(f"line {int(settings.get('skip_rows', 0)) + 1} would be the header with {mended}")
    if faults:
        raise DataError("\n".join(f"{path}: {fault}" for fault in faults))
