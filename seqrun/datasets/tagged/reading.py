"""Reads sentences from CoNLL-style files: one token a line, with its columns, and a blank line after each sentence."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from seqrun.datasets.shared.written import undecodable, without_mark
from seqrun.datasets.tagged.token_rows import Block, Comments, LeftOut, Row, Separator, token_rows
from seqrun.datasets.text.rows import listed_faults
from seqrun.errors import DataError
from seqrun.readable import counted

FIRST_BYTES = 8192


@dataclass(frozen=True)
class Layout:
    """Which columns of a file hold tokens and tags, and how its lines are read."""

    token: int  # columns count from 0, from the end if negative
    tag: int | None  # None: there are none, or they are not wanted
    separator: Separator = "auto"
    comments: Comments = "auto"
    encoding: str = "utf-8"

    def columns(self) -> Iterator[tuple[str, int]]:
        """Yield what is read, with the number of its column."""
        yield "token", self.token
        if self.tag is not None:
            yield "tag", self.tag

    def blocks(self, lines: Iterable[str]) -> tuple[list[Block], LeftOut]:
        """Return the rows of each sentence's tokens, and which of the lines are none."""
        return token_rows(lines, [column for _, column in self.columns()], self.tag, self.separator, self.comments)


@dataclass(frozen=True)
class Sentence:
    """The tokens of a sentence and the tag of each; no tags if none were asked for."""

    tokens: Sequence[str]
    tags: Sequence[str]


@dataclass(frozen=True)
class TaggedFile:
    """The sentences of a file, and which of its lines are in none."""

    path: Path
    sentences: Sequence[Sentence]
    left_out: LeftOut

    @property
    def summary(self) -> str:
        """What was read, in a line."""
        tokens = sum(len(sentence.tokens) for sentence in self.sentences)
        lines = counted(self.left_out.of, "line")
        read = f"{lines} read, {counted(len(self.sentences), 'sentence')} of {counted(tokens, 'token')}"
        return f"{self.path}: {read}{f'; left out: {self.left_out}' if self.left_out.lines else ''}"

    @property
    def doubts(self) -> tuple[str, ...]:
        """Warnings of lines that may have been meant otherwise than they were read."""
        return tuple(f"{self.path}: {doubt}" for doubt in self.left_out.doubts)


def read_sentences(path: Path, layout: Layout) -> TaggedFile:
    """Return the sentences of a file in order, at least one; raise DataError naming every line that cannot be used."""
    faults: list[str] = []
    widths: Counter[int] = Counter()  # how many lines have how many columns
    try:
        if _is_binary(path, layout.encoding):
            raise DataError(f"{path} is no text: it holds zero bytes")
        with path.open(encoding=without_mark(layout.encoding), errors="surrogateescape") as file:
            blocks, left_out = layout.blocks(file)
    except (UnicodeError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    sentences = [_sentence(block, layout, faults, widths) for block in blocks]
    for _, fault in column_faults(layout, widths):
        raise DataError(f"{path}: {fault}")
    if faults:
        count = counted(len(faults), "line")
        raise DataError(f"{path}: {count} cannot be used:{listed_faults(faults)}")
    if not sentences:
        raise DataError(f"{path} holds no sentence")
    return TaggedFile(path, sentences, left_out)


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
            blocks, _ = layout.blocks(file)
    except (UnicodeError, OSError):
        return None
    counts = {len(row.cells) for row in chain.from_iterable(blocks)}
    if len(counts) != 1 or len(blocks) < 2 or all(len(block) == 1 for block in blocks):
        return None
    [count] = counts
    wanted = (column for column in (layout.token, layout.tag) if column is not None)
    return count if count > 1 and all(-count <= column < count for column in wanted) else None


def _sentence(block: Iterable[Row], layout: Layout, faults: list[str], widths: Counter[int]) -> Sentence:
    """Return the sentence in these rows; add faults of rows to `faults` and their numbers of columns to `widths`."""
    tokens, tags, width = [], [], None
    for row in block:
        widths[len(row.cells)] += 1
        if fault := _fault(row.cells, layout, width):
            faults.append(f"line {row.number}: {fault}")
            continue
        width = len(row.cells)
        tokens.append(row.cells[layout.token])
        if layout.tag is not None:
            tags.append(row.cells[layout.tag])
    return Sentence(tokens, tags)


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


def column_faults(layout: Layout, widths: Counter[int]) -> Iterator[tuple[str, str]]:
    """Yield a column of the layout (token or tag) that is in none of the lines, with a message.

    `widths` counts the lines' numbers of columns.
    """
    widest, lines = max(widths, default=0), widths.total()
    for what, column in layout.columns():
        if lines > 1 and not -widest <= column < widest:
            have = f"all {lines:,} lines have" if len(widths) == 1 else f"the widest of {lines:,} lines has"
            columns = counted(widest, "column")
            last = "0 or -1 is the only one" if widest == 1 else f"they count from 0, the last is {widest - 1} or -1"
            yield what, f"{have} {columns}: there is no column {column} (dataset.{what}_column); {last}"
