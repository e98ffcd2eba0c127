"""New raw texts: from the command line, a file of lines, or a column of a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqrun.datasets.shared.written import without_mark
from seqrun.datasets.text.rows import Row, listed_faults, text_fault
from seqrun.datasets.text.tables import TABLES, table_rows
from seqrun.errors import DataError, UsageError
from seqrun.inference.request import check_ending
from seqrun.inference.saved import SavedRun

STDIN = Path("-")
ENDINGS = (".txt", *TABLES)
DEFAULT_COLUMN = "text"


@dataclass(frozen=True)
class NewTexts:
    """Texts, each with its row in its source, from 0."""

    texts: Sequence[str]
    index: Sequence[int]
    warnings: tuple[str, ...] = ()


def given_texts(texts: Sequence[str]) -> NewTexts:
    """Texts of the command line; UsageError if one is empty."""
    for number, text in enumerate(texts, start=1):
        if fault := text_fault(text):
            raise UsageError(f"--text number {number}: {fault}")
    return NewTexts(texts, range(len(texts)))


def read_texts(saved: SavedRun, path: Path, column: str | None = None) -> NewTexts:
    """The texts in a file, by its ending; `-` is the standard input, a text a line.

    `column` holds the text, by default the run's own. Raises UsageError for another ending, and DataError for what
    cannot be read; rows without text are left out, with a warning, if the run's dataset left such out too.
    """
    if path != STDIN:
        check_ending(path, ENDINGS)
    if column is not None and path.suffix.lower() not in TABLES:
        raise UsageError(f"--column {column}: only {', '.join(TABLES)} have columns")
    try:
        return _collect(saved, path, _rows(saved, path, column))
    except (UnicodeError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _rows(saved: SavedRun, path: Path, column: str | None) -> Iterator[Row]:
    dataset = saved.experiment.dataset
    encoding = getattr(dataset, "encoding", "utf-8")
    if path.suffix.lower() in TABLES:
        column = column or getattr(dataset, "text", None) or DEFAULT_COLUMN
        yield from table_rows(path, column, (), encoding)
    elif path == STDIN:
        yield from _lines(sys.stdin)
    else:
        with path.open(encoding=without_mark(encoding), errors="surrogateescape") as file:
            yield from _lines(file)


def _lines(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Row(f"line {number}", line.rstrip("\r\n"))


def _collect(saved: SavedRun, path: Path, rows: Iterable[Row]) -> NewTexts:
    texts, index, faults = [], [], []
    for number, row in enumerate(rows):
        if fault := row.fault or text_fault(row.text):
            faults.append(f"{row.where}: {fault}")
        else:
            texts.append(row.text)
            index.append(number)
    warnings = _warnings(saved, path, faults)
    if not texts:
        raise DataError(f"{path} holds no text")
    return NewTexts(texts, index, warnings)


def _warnings(saved: SavedRun, path: Path, faults: Sequence[str]) -> tuple[str, ...]:
    if not faults:
        return ()
    listed = listed_faults(faults)
    count = "1 row" if len(faults) == 1 else f"{len(faults):,} rows"
    if getattr(saved.experiment.dataset, "bad_rows", "error") == "skip":
        return (f"{path}: {count} left out, as in training (bad_rows: skip):{listed}",)
    raise DataError(f"{path}: {count} cannot be used:{listed}")
