"""What the beginning of a file of rows holds against the settings of a dataset that reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.files.opening import likely_encoding
from seqrun.datasets.shared.columns import column_fault, delimiter_of, settings_for
from seqrun.datasets.shared.heads import Head, read_head
from seqrun.datasets.shared.hints import hints
from seqrun.datasets.shared.layout import MISSING_WORDS, Layout
from seqrun.datasets.shared.written import undecodable
from seqrun.datasets.shared.written_numbers import plain_number
from seqrun.errors import ConfigPath, DataError, MissingData, Problem

_PATH, _ENCODING = ("dataset", "path"), ("dataset", "encoding")
_WORDS = {"true", "false"}  # which are numbers, too
_TIME_WORDS = re.compile(  # what stands in times beside digits and signs
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|am|pm|st|nd|rd|th|t|q|w|[a-z]{1,4}",
    re.IGNORECASE,
)
_NANOSECONDS = re.compile(r"([.,]\d{6})\d{1,3}\b")  # which pandas reads and Python does not

Columns = Mapping[ConfigPath, str]  # where a config names a column, and its name


def look(path: Path, layout: Layout, columns: Columns) -> tuple[Head | None, list[Problem]]:
    """Return the head of a file of rows, and what is wrong with the file as a whole; then there is no head.

    It is not there or cannot be read, has not these columns, or holds bytes that its encoding does not know.
    """
    if missing := [*path_problems(path)]:
        return None, [*missing]
    if path.is_dir():
        return None, [MissingData(_PATH, f"{path} is a folder, not a file")]
    try:
        head = read_head(path, layout)
    except DataError as error:
        named = re.search(r"dataset\.(\w+):", str(error))  # the setting that would mend it
        return None, [Problem(("dataset", named[1]), str(error)) if named else MissingData(_PATH, str(error))]
    faults = [*_column_problems(head, columns, layout)] or [
        *_undecodable(head, columns, layout),
        *_unquoted(head, layout),
    ]
    if head.empty:
        faults.append(MissingData(_PATH, f"{path.name} holds no row"))
    return None if faults else head, faults


def _column_problems(head: Head, columns: Columns, layout: Layout) -> Iterator[Problem]:
    name, header = head.path.name, head.columns
    if not {*columns.values()} <= {*header}:
        settings = settings_for(head.lines, layout.separator(head.path), columns.values())
        if len(header) == 1 and "skip_rows" not in settings:  # told below
            settings = {}
        line = int(settings.get("skip_rows", 0)) + 1
        for setting, value in settings.items():
            others = "".join(f" and dataset.{key}: {settings[key]}" for key in settings if key != setting)
            message = f"{name}: line {line} would be the header with dataset.{setting}: {value}{others}"
            yield Problem(("dataset", setting), message)
        if settings:
            return
    if len(header) == 1 and header[0] not in columns.values() and (delimiter := delimiter_of(header[0])):
        message = f"{name}: the header has one cell, {header[0]!r}: dataset.delimiter: {delimiter}"
        yield Problem(("dataset", "delimiter"), message)
        return
    if undecodable(" ".join(header)):
        yield Problem(_ENCODING, f"{name}: the header cannot be decoded: {_encoding(header)}")
        return
    for place, column in columns.items():
        if header and (fault := column_fault(header, column)):
            yield Problem(place, f"{name}: {fault}")


def _undecodable(head: Head, columns: Columns, layout: Layout) -> Iterator[Problem]:
    if layout.bad_rows == "skip":
        return
    for column in dict.fromkeys(columns.values()):
        for line, cell in head.cells(column):
            if fault := undecodable(cell):
                yield Problem(_ENCODING, f"{head.path.name}: line {line}, {column}: {fault}")
                return


def _unquoted(head: Head, layout: Layout) -> Iterator[Problem]:
    if head.uneven is None or layout.bad_rows == "skip":
        return
    if (help := layout.unquoted_help(head.path)) is not None:
        why = f"{head.path.name}: line {head.uneven} has not as many cells as the header; {help}"
        yield Problem(("dataset", "decimal" if layout.decimal == layout.separator(head.path) else "thousands"), why)


def _encoding(cells: Sequence[str]) -> str:
    data = "".join(cells).encode(errors="surrogateescape")
    return f"dataset.encoding: {likely_encoding(data)}"


# --- numbers ----------------------------------------------------------------------------------------------------------


def number_problems(head: Head, columns: Columns, layout: Layout, *, needed: bool = False) -> Iterator[Problem]:
    """Yield columns with cells that are no numbers, and the setting by which they may be some.

    Where numbers are `needed`, it is no help to say that a cell is an empty one.
    """
    first = head.rows[0][0] if len(head.rows) > 1 else None  # a single row is no line of units
    for place, column in columns.items():
        cells = head.cells(column)
        wrong = [(line, cell) for line, cell in cells if not is_number(cell, layout)]
        if wrong and (layout.bad_rows == "error" or len(wrong) == len(cells)):
            line, cell = wrong[0]
            mending = hints(wrong, first, layout).splitlines()
            help = "".join(f"; {each}" for each in mending if not (needed and "dataset.missing_values" in each))
            yield Problem(place, f"{head.path.name}: line {line}, {column}: {cell[:40]!r} is no number{help}")


def is_number(cell: str, layout: Layout) -> bool:
    """Return whether a cell holds a number, written as the layout says, or stands for nothing."""
    if cell in MISSING_WORDS or cell in layout.missing_values:
        return True
    text = plain_number(cell.strip(), layout)
    try:
        return text.lower() in _WORDS or ("_" not in text and math.isfinite(float(text)))
    except ValueError:
        return False


# --- times ------------------------------------------------------------------------------------------------------------


def time_problems(head: Head, column: str, time_format: str | None, layout: Layout) -> Iterator[Problem]:
    """Yield that cells of a column of times are none, or are not written in the given format.

    If the layout has bad rows left out, all of them must be so.
    """
    cells = [(line, cell) for line, cell in head.cells(column) if cell.strip()]
    written = time_format if time_format is not None and "%" in time_format else None
    fits = [is_time(cell) if written is None else _has_format(cell.strip(), written) for _, cell in cells]
    if all(fits) or (layout.bad_rows == "skip" and any(fits)):
        return
    line, cell = cells[fits.index(False)]
    where = f"{head.path.name}: line {line}, {column}: {cell[:40]!r}"
    if written is not None:
        yield Problem(("dataset", "time_format"), f"{where} is not written as {written!r} says")
    else:
        yield Problem(("dataset", "time"), f"{where} is no time; dataset.time names the column of times")


def _has_format(cell: str, time_format: str) -> bool:
    from datetime import datetime

    if "%Z" in time_format:  # of which Python knows few
        return True
    try:
        datetime.strptime(_NANOSECONDS.sub(r"\1", cell), time_format)
    except ValueError:
        return False
    return True


def is_time(cell: str) -> bool:
    """Return whether a cell may be a time: it has digits, and no words that times never have."""
    words = re.findall(r"[^\W\d_]+", cell)
    return any(character.isdigit() for character in cell) and all(map(_TIME_WORDS.fullmatch, words))
