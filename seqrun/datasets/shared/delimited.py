"""Rows of text from files with delimiters (CSV, TSV): each cell as it stands in the file, each row with its line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from seqrun.datasets.files.opening import read_text
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.columns import check_columns
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.quotes import quotes_count
from seqrun.datasets.shared.records import UNCLOSED, Record, is_blank, records
from seqrun.errors import DataError
from seqrun.readable import counted

FIRST = 20  # lines among which a header is looked for


@dataclass(frozen=True)
class Delimited:
    """A file's header and its rows; while they are iterated, the account is kept."""

    header: list[str]
    line: int  # of the header
    rows: Iterator[Record]
    account: Account
    separator: str
    first: tuple[str, ...]  # lines of the file, for the settings that would give it another header

    def check(self, path: Path, columns: Sequence[str] | None) -> None:
        """Raise DataError for columns (None: all) that there are not, or twice."""
        check_columns(path, self.header, columns, self.first, self.separator)


def read_delimited(path: Path, layout: Layout, account: Account | None = None) -> Delimited:
    """Return the header and the rows of a file; raise DataError if there is no header.

    Rows with more or fewer cells than the header have a fault. Blank lines are left out and counted; in a table of one
    column those before the last row are empty cells.
    """
    return delimited(path, read_text(path, layout.encoding), layout, account or Account())


def delimited(path: Path, text: str, layout: Layout, account: Account) -> Delimited:
    """Return the header and the rows of a file's text; see `read_delimited`."""
    delimiter = layout.separator(path)
    quoted, note = quotes_count(text, delimiter, layout)
    account.notes += [note] if note else []
    found = records(io.StringIO(text, newline=""), delimiter, layout, quoted=quoted, account=account)
    header = header_record(path, found, account)
    first = tuple(islice(io.StringIO(text), FIRST))
    return Delimited(
        header.cells, header.line, _rows(found, len(header.cells), account, delimiter), account, delimiter, first
    )


def header_record(path: Path, found: Iterator[Record], account: Account | None = None) -> Record:
    """Return the first record that is not blank; raise DataError if there is none, or if it cannot be read."""
    for record in found:
        if record.fault:
            raise DataError(f"{path}: line {record.line}: the header cannot be read: {record.fault}")
        if not is_blank(record, 0):
            return record
        if account is not None:
            account.leave_out("blank line", record.line)
    raise DataError(f"{path} is empty")


def _rows(found: Iterator[Record], width: int, account: Account, delimiter: str) -> Iterator[Record]:
    blank: list[Record] = []  # since the last row
    several: list[Record] = []  # of lines each of which might be a row
    for record in found:
        if is_blank(record, width):
            blank.append(record)
            continue
        for each in blank:
            if width == 1:
                account.rows += 1
                yield Record(each.line, [""])
            else:
                account.leave_out("blank line", each.line)
        blank.clear()
        account.rows += 1
        if len(record.lines) > 1 and width > 1 and all(line.count(delimiter) == width - 1 for line in record.lines):
            several.append(record)
        if record.fault or len(record.cells) == width:
            yield record
        else:
            fault = f"{counted(len(record.cells), 'field')}, where the header has {width}"
            if len(record.lines) > 1:
                fault += f", in {len(record.lines)} lines that quotes hold together ({UNCLOSED})"
            yield Record(record.line, [], fault, record.lines)
    for each in blank:
        account.leave_out("blank line", each.line)
    if several:
        account.notes.append(_held_together(several))


def _held_together(several: Sequence[Record]) -> str:
    """Return a note of rows in whose quotes others may be lost."""
    lines = sum(len(record.lines) for record in several)
    return (
        f"quotes hold {lines} lines together as {counted(len(several), 'row')}, though each has the delimiters of one "
        f"(first in line {several[0].line}; if these are rows, dataset.quoting: none reads quotes as characters)"
    )
