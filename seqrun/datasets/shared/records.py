"""The records of text with delimiters (CSV, TSV), each with its lines, as the csv module reads them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.layout import Layout

UNCLOSED = "is a quote not closed, or not doubled? dataset.quoting: none reads quotes as characters like others"


@dataclass(frozen=True)
class Record:
    """A row's cells, or the `fault` for which it cannot be read."""

    line: int  # the first of its lines, as an editor counts
    cells: list[str]
    fault: str | None = None
    lines: tuple[str, ...] = ()  # as they stand in the file


class _Lines:
    """The lines of a file, as a csv reader asks for them, without those that are to be left out."""

    def __init__(self, lines: Iterable[str], layout: Layout, account: Account | None):
        self._lines = iter(enumerate(lines, start=1))
        self._layout, self._account = layout, account
        self._again: list[tuple[int, str]] = []
        self.taken: list[tuple[int, str]] = []  # of the record that is being read

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            if self._again:
                self.taken.append(self._again.pop())
                return self.taken[-1][1]
            number, line = next(self._lines)
            if (what := self._left_out(number, line)) is None:
                self.taken.append((number, line))
                return line
            if self._account is not None:
                self._account.leave_out(what, number)

    def _left_out(self, number: int, line: str) -> str | None:
        if self._layout.skip_rows and self._layout.skips(number):
            return "skipped line"
        comment = self._layout.comment
        return "comment" if comment is not None and not self.taken and line.startswith(comment) else None

    def only_first(self) -> None:
        """Give back all lines of this record but the first."""
        self._again += reversed(self.taken[1:])
        del self.taken[1:]


def records(
    lines: Iterable[str], delimiter: str, layout: Layout, *, quoted: bool, account: Account | None = None
) -> Iterator[Record]:
    """Yield the rows in the lines of a file, the header too; a blank line has no cells.

    A quote that is never closed makes a fault of its own line alone, and what follows is read.
    """
    csv.field_size_limit(2**31 - 1)  # a field may be a book
    source = _Lines(lines, layout, account)
    reader = csv.reader(
        source, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    while True:
        source.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.only_first()
            [(number, line)] = source.taken
            yield Record(number, [], f"{error} ({UNCLOSED})", (line,))
            continue
        yield Record(source.taken[0][0], cells, lines=tuple(line for _, line in source.taken))


def is_blank(record: Record, width: int) -> bool:
    """Return whether a record of a table with `width` columns is a blank line; white space is a cell if it is one."""
    if record.fault or not record.cells:
        return not record.fault
    return width != 1 and len(record.cells) == 1 and not "".join(record.lines).strip()
