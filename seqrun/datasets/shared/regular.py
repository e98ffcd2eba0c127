"""The short way through large tables of numbers: files in which each line after the header is a row."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.files.opening import check_width, decoded
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.delimited import header_record
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.parsing import parsed
from seqrun.datasets.shared.records import records

if TYPE_CHECKING:
    from pandas import DataFrame


QUOTE = b'"'
PART = 1 << 18  # bytes


@dataclass(frozen=True)
class _Lines:
    """The lines after a header."""

    data: bytes  # of the whole file, UTF-8
    start: int  # where they begin
    header: list[str]
    separator: bytes
    account: Account  # of what is left out before the header

    @property
    def count(self) -> int:
        return self.data.count(b"\n", self.start) + (not self.data.endswith(b"\n") and len(self.data) > self.start)

    @property
    def first(self) -> int:
        """The number of the first of them in the file, from 1."""
        return self.data.count(b"\n", 0, self.start) + 1

    def seem_rows(self) -> bool:
        """Return whether quotes open and close as they should, and there are as many separators as the rows take."""
        data, start = self.data, self.start
        if start == len(data) or data.find(b"\0", start) >= 0 or data.endswith((b"\n\n", b"\n\r\n")):
            return False
        if data.startswith(codecs.BOM_UTF8, start):  # which pandas would leave out there
            return False
        if data.find(b"\r", start) >= 0 and data.count(b"\r", start) != data.count(b"\r\n", start):
            return False
        if (within := self.quoted_separators) is None:
            return False
        return data.count(self.separator, start) - within == self.count * (len(self.header) - 1)

    @cached_property
    def quoted_separators(self) -> int | None:
        """The number of separators between quotes; None if quotes stand where none should, or lines end between them.

        A quote opens after a separator or a line's end, and closes before one; a doubled one closes and opens.
        """
        if self.data.find(QUOTE, self.start) < 0:
            return 0
        quotes = self._positions(QUOTE)
        raw = np.frombuffer(self.data, np.uint8)
        before, after = raw[np.maximum(quotes[::2] - 1, 0)], raw[np.minimum(quotes[1::2] + 1, len(raw) - 1)]
        around = [*self.separator, *b'\n"']
        opens = np.isin(before, around) | (quotes[::2] == 0)
        closes = np.isin(after, [*around, *b"\r"]) | (quotes[1::2] == len(raw) - 1)
        if len(quotes) % 2 or not (opens.all() and closes.all()):
            return None
        ends = self._positions(b"\n")
        if (np.searchsorted(ends, quotes[::2]) != np.searchsorted(ends, quotes[1::2])).any():
            return None
        cells = zip(quotes[::2].tolist(), quotes[1::2].tolist(), strict=True)
        return sum(self.data.count(self.separator, *cell) for cell in cells)

    def are_rows(self, which: np.ndarray) -> bool:
        """Return whether the lines of this mask (lines,) have as many separators as a row has."""
        if not which.any():
            return True
        ends = self._positions(b"\n")
        starts = np.concatenate([[self.start], ends + 1])[: len(which)][which].tolist()
        past = np.append(ends, len(self.data))[: len(which)][which].tolist()
        wanted = len(self.header) - 1
        lines = zip(starts, past, strict=True)
        return not self.quoted_separators and all(self.data.count(self.separator, *line) == wanted for line in lines)

    def _positions(self, byte: bytes) -> np.ndarray:
        """Return where a byte stands, (times,) int64."""
        raw = np.frombuffer(self.data, np.uint8)
        parts = range(self.start, len(raw), PART)  # which fit into the processor's cache
        return np.concatenate([np.flatnonzero(raw[first : first + PART] == ord(byte)) + first for first in parts])


def regular_frame(
    path: Path, data: bytes, columns: Sequence[str] | None, layout: Layout, text: Sequence[str]
) -> tuple[DataFrame, Account] | None:
    """Return columns of a file with this content, as `read_table` does; None if its lines are no rows one by one, or
    if it lacks a column.
    """
    import pandas as pd

    lines = _lines_of(path, data, layout)
    if lines is None or any(lines.header.count(name) != 1 for name in columns or lines.header):
        return None
    wanted = list(lines.header if columns is None else columns)
    place = {name: lines.header.index(name) for name in wanted}
    numbers = [place[name] for name in wanted if name not in text]
    last = len(lines.header) - 1  # which is empty where a line is too short, and then another too long
    found = _parsed(lines, [*place.values(), last], numbers, layout)
    if not lines.are_rows((found[last].isna() | (found[last] == "")).to_numpy()):
        return None
    typed = [place[name] for name in wanted if name in text and found[place[name]].dtype != "str"]
    if typed:  # all of it, or some part
        found = found.drop(columns=typed).join(_parsed(lines, typed, [], layout, text=True))
    index = pd.RangeIndex(lines.first, lines.first + len(found), name="line")
    lines.account.rows = len(found)
    return found[[*place.values()]].set_axis(wanted, axis=1).set_axis(index), lines.account


def _parsed(lines: _Lines, places: list[int], numbers: list[int], layout: Layout, *, text: bool = False) -> DataFrame:
    body = io.BytesIO(lines.data)
    body.seek(lines.start)
    layout = replace(layout, delimiter=lines.separator.decode())
    return parsed(body, len(lines.header), places, numbers, layout, text=text)


def _lines_of(path: Path, data: bytes, layout: Layout) -> _Lines | None:
    """Return the lines after the header if it seems that each is a row, else None."""
    data, separator = _as_utf_8(path, data, layout.encoding), layout.separator(path)
    if not separator.isascii():
        return None
    buffer = io.BytesIO(data)
    account = Account()
    found = records(_decoded(buffer), separator, layout, quoted=layout.quoting != "none", account=account)
    header = header_record(path, found, account).cells
    lines = _Lines(data, buffer.tell(), header, separator.encode(), account)
    if layout.quoting == "none" and data.find(QUOTE, lines.start) >= 0:
        return None
    if not lines.seem_rows() or not _is_utf_8(data) or _left_out_later(lines, layout):
        return None
    return lines


def _decoded(buffer: io.BytesIO) -> Iterator[str]:
    for line in buffer:
        yield line.decode(errors="surrogateescape")


def _as_utf_8(path: Path, data: bytes, encoding: str) -> bytes:
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        check_width(path, data, encoding)
        return data.removeprefix(codecs.BOM_UTF8)
    return decoded(path, data, encoding).encode(errors="surrogateescape")


def _is_utf_8(data: bytes) -> bool:
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for first in range(0, len(data), PART):
            decoder.decode(data[first : first + PART], final=first + PART >= len(data))
    except UnicodeError:
        return False
    return True


def _left_out_later(lines: _Lines, layout: Layout) -> bool:
    """Return whether lines after the header are to be left out."""
    comment = layout.comment
    if comment is not None and lines.data.find(f"\n{comment}".encode(), max(lines.start - 1, 0)) >= 0:
        return True
    return not isinstance(layout.skip_rows, int) and any(line >= lines.first for line in layout.skip_rows)
