"""Reads sentences from CoNLL-style files: one token a line, with its columns, and a blank line after each sentence."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from seqrun.datasets.shared.written import undecodable, without_mark
from seqrun.datasets.text.rows import listed_faults
from seqrun.errors import DataError
from seqrun.readable import counted

Separator = Literal["auto", "whitespace"]

_BLANKS = " \t"  # others, such as the no-break space, are part of a token
_BETWEEN = re.compile(f"[{_BLANKS}]+")
_NO_TOKEN = re.compile(r"\d+[-.]\d+")  # CoNLL-U's ids of a multiword range (1-2) and an empty node (1.1)
_DOCUMENT = "-DOCSTART-"
FIRST_BYTES = 8192


@dataclass(frozen=True)
class Layout:
    """Which columns of a file hold tokens and tags, and how its lines are read."""

    token: int  # columns count from 0, from the end if negative
    tag: int | None  # None: there are none, or they are not wanted
    separator: Separator = "auto"
    comments: bool = True
    encoding: str = "utf-8"

    def columns(self) -> Iterator[tuple[str, int]]:
        """Yield what is read, with the number of its column."""
        yield "token", self.token
        if self.tag is not None:
            yield "tag", self.tag


@dataclass(frozen=True)
class Sentence:
    """The tokens of a sentence and the tag of each; no tags if none were asked for."""

    tokens: Sequence[str]
    tags: Sequence[str]


def read_sentences(path: Path, layout: Layout) -> list[Sentence]:
    """Return the sentences of a file in order, at least one; raise DataError naming every line that cannot be used."""
    sentences: list[Sentence] = []
    faults: list[str] = []
    widths: Counter[int] = Counter()  # how many lines have how many columns
    try:
        if _is_binary(path, layout.encoding):
            raise DataError(f"{path} is no text: it holds zero bytes")
        with path.open(encoding=without_mark(layout.encoding), errors="surrogateescape") as file:
            for block in _blocks(file, layout.comments):
                sentence = _sentence(block, layout, faults, widths)
                if sentence.tokens:
                    sentences.append(sentence)
    except (UnicodeError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if fault := _column_fault(layout, widths):
        raise DataError(f"{path}: {fault}")
    if faults:
        count = counted(len(faults), "line")
        raise DataError(f"{path}: {count} cannot be used:{listed_faults(faults)}")
    if not sentences:
        raise DataError(f"{path} holds no sentence")
    return sentences


def _is_binary(path: Path, encoding: str) -> bool:
    """Return whether a file begins with bytes that text never has: zero bytes, unless it is UTF-16 or UTF-32."""
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return False
    with path.open("rb") as file:
        return b"\0" in file.read(FIRST_BYTES)


def column_count(path: Path, layout: Layout) -> int | None:
    """Return the number of columns of a file in which every line looks like a token's row; None if it may be plain
    text.

    All rows must have the same number of columns, at least two and including those of the layout. Blank lines must
    divide them into at least two sentences, not all of one token.
    """
    try:
        with path.open(encoding=without_mark(layout.encoding), errors="surrogateescape") as file:
            rows = [[line for _, line in block] for block in _blocks(file, layout.comments)]
    except (UnicodeError, OSError):
        return None
    counts = {len(_cells(row, layout.separator)) for row in chain.from_iterable(rows)}
    if len(counts) != 1 or len(rows) < 2 or all(len(sentence) == 1 for sentence in rows):
        return None
    [count] = counts
    wanted = (column for column in (layout.token, layout.tag) if column is not None)
    return count if count > 1 and all(-count <= column < count for column in wanted) else None


Line = tuple[int, str]  # its number, from 1, and its text


def _blocks(lines: Iterable[str], comments: bool) -> Iterator[list[Line]]:
    """Yield the lines of each sentence, without comments and document markers."""
    block: list[Line] = []
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\r\n")
        if not line.strip(_BLANKS) or line.startswith(_DOCUMENT):
            if block:
                yield block
            block = []
        elif block or not (comments and _is_comment(line)):
            block.append((number, line))
    if block:
        yield block


def _is_comment(line: str) -> bool:
    """Return whether a line before a sentence's first token is a comment.

    A line with a tab is a token's row, even if the token is #.
    """
    return line.startswith("#") and line[1:2] in ("", " ") and "\t" not in line


def _sentence(block: Iterable[Line], layout: Layout, faults: list[str], widths: Counter[int]) -> Sentence:
    """Return the sentence in these lines; add faults of lines to `faults` and their numbers of columns to `widths`."""
    tokens, tags, width = [], [], None
    for number, line in block:
        cells = _cells(line, layout.separator)
        if layout.token % len(cells) and _NO_TOKEN.fullmatch(cells[0]):
            continue
        widths[len(cells)] += 1
        if fault := _fault(cells, layout, width):
            faults.append(f"line {number}: {fault}")
            continue
        width = len(cells)
        tokens.append(cells[layout.token])
        if layout.tag is not None:
            tags.append(cells[layout.tag])
    return Sentence(tokens, tags)


def _cells(line: str, separator: Separator) -> list[str]:
    if separator == "auto" and "\t" in line:
        return [cell.strip(_BLANKS) for cell in line.split("\t")]
    return _BETWEEN.split(line.strip(_BLANKS))


def _fault(cells: Sequence[str], layout: Layout, width: int | None) -> str | None:
    """Return what is wrong with a row, else None; `width` is the number of columns of the sentence's previous row."""
    count = counted(len(cells), "column")
    for what, column in layout.columns():
        if not -len(cells) <= column < len(cells):
            return f"has {count}, and so no column {column} (dataset.{what}_column)"
        if not cells[column]:
            return f"no {what}"
        if fault := undecodable(cells[column]):
            return fault
    if width is not None and len(cells) != width:
        return f"has {count}, the row before it {width}"
    return None


def _column_fault(layout: Layout, widths: Counter[int]) -> str | None:
    """Return a message if a column of the layout is in none of the lines, whose numbers of columns `widths` counts."""
    widest, lines = max(widths, default=0), widths.total()
    for what, column in layout.columns():
        if lines > 1 and not -widest <= column < widest:
            have = f"all {lines:,} lines have" if len(widths) == 1 else f"the widest of {lines:,} lines has"
            columns = counted(widest, "column")
            last = "0 or -1 is the only one" if widest == 1 else f"they count from 0, the last is {widest - 1} or -1"
            return f"{have} {columns}: there is no column {column} (dataset.{what}_column); {last}"
    return None
