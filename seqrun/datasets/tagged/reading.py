"""Reads sentences from CoNLL-style files: one token a line, with its columns, and a blank line after each sentence."""

from __future__ import annotations

import io
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Self

from seqrun.datasets.files.opening import read_text
from seqrun.datasets.shared.columns import delimiter_of
from seqrun.datasets.shared.layout import BadRows
from seqrun.datasets.shared.layout import Layout as TextLayout
from seqrun.datasets.shared.places import listed_faults
from seqrun.datasets.shared.written import undecodable
from seqrun.datasets.tagged.fields import Comments
from seqrun.datasets.tagged.token_rows import Block, LeftOut, Row, token_rows
from seqrun.errors import DataError, InputError, Parameter
from seqrun.readable import counted

FIRST_CHARACTERS = 8192
# Settings that datasets of other files have, too, and the fields of a layout that they set.
SETTINGS = {"delimiter": "separator", "encoding": "encoding", "skip_rows": "skip_rows", "bad_rows": "bad_rows"}
COLUMNS = ("delimiter", "skip_rows")  # of these, those that a file with a sentence a line has not


@dataclass(frozen=True)
class Layout:
    """Which columns of a file hold tokens and tags, and how its lines are read."""

    token: int  # columns count from 0, from the end if negative
    tag: int | None  # None: there are none, or they are not wanted
    separator: str = "auto"  # a Separator, or a character
    comments: Comments = "auto"
    encoding: str = "utf-8"
    skip_rows: int | tuple[int, ...] = 0  # so many lines at the top, or the numbers of lines
    bad_rows: BadRows = "error"  # of lines that cannot be used; skip leaves out their sentences

    def written(self, settings: Mapping[str, Any], path: Path) -> Self:
        """Return the layout with other settings, for one file; InputError for one that has no meaning for it."""
        for name in settings:
            if name not in SETTINGS:
                raise InputError(Parameter(name), f": has no meaning for {path}")
        given: dict[str, Any] = {
            SETTINGS[name]: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        return replace(self, **given)

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
    rows: Sequence[Sequence[str]] = ()  # all columns of each token, where they were asked for
    document: int = 0  # of its file, from 1; 0: it stands before the first, or there is none


@dataclass(frozen=True)
class TaggedFile:
    """The sentences of a file, and which of its lines are in none."""

    path: Path
    sentences: Sequence[Sentence]
    left_out: LeftOut
    warnings: tuple[str, ...] = ()  # of sentences that are left out, and of columns
    bad_rows: BadRows = "error"

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
        return (*self.warnings, *(f"{self.path}: {doubt}" for doubt in self.left_out.doubts))


def read_sentences(path: Path, layout: Layout, *, whole: bool = False) -> TaggedFile:
    """Return the sentences of a file in order, at least one; with `whole` rows they have all columns of their tokens.

    Raises DataError naming every line that cannot be used.
    """
    faults: list[str] = []
    widths: Counter[int] = Counter()  # how many lines have how many columns
    blocks, left_out = layout.blocks(_lines(path, layout))
    if fault := undivided(blocks, layout):
        raise DataError(f"{path}: {fault}")
    sentences: list[Sentence] = []
    documents = sorted(left_out.documents)
    for block in blocks:
        known = len(faults)
        sentence = _sentence(block, layout, faults, widths)
        sentence = replace(sentence, document=bisect(documents, block[0].number))
        if len(faults) == known:
            sentences.append(replace(sentence, rows=[row.cells for row in block]) if whole else sentence)
    for _, fault in column_faults(layout, widths):
        raise DataError(f"{path}: {fault}")
    warnings = _left_out(path, faults, len(blocks) - len(sentences), layout.bad_rows)
    if not sentences:
        others = f"; left out: {left_out} (dataset.comments: false reads all lines)" if left_out.lines else ""
        raise DataError(f"{path} holds no sentence{' that can be used:' + listed_faults(faults) if faults else others}")
    doubts = (f"{path}: {doubt}" for doubt in _column_doubts(blocks, sentences, layout))
    return TaggedFile(path, sentences, left_out, (*warnings, *doubts), layout.bad_rows)


def _lines(path: Path, layout: Layout) -> list[str]:
    text = read_text(path, layout.encoding)
    if "\0" in text[:FIRST_CHARACTERS]:
        raise DataError(f"{path} is no text: it holds zero bytes")
    return lines_of(text, layout)


def lines_of(text: str, layout: Layout) -> list[str]:
    """Return the lines of a file's text; those of `skip_rows` are blank, so that others keep their numbers."""
    how = TextLayout(skip_rows=layout.skip_rows)
    lines = enumerate(io.StringIO(text, newline=None), start=1)
    return ["\n" if layout.skip_rows and how.skips(number) else line for number, line in lines]


def _left_out(path: Path, faults: Sequence[str], sentences: int, bad_rows: BadRows) -> tuple[str, ...]:
    """Return a warning about lines that cannot be used, if their sentences may be left out; else DataError."""
    if not faults:
        return ()
    count = counted(len(faults), "line")
    if bad_rows == "error":
        hint = "mend them, or leave out their sentences with dataset.bad_rows: skip"
        raise DataError(f"{path}: {count} cannot be used:{listed_faults(faults)}\n{hint}")
    left_out = counted(sentences, "sentence")
    return (f"{path}: {left_out} left out for {count} (bad_rows: skip):{listed_faults(faults)}",)


def undivided(blocks: Sequence[Block], layout: Layout) -> str | None:
    """Return why lines have no tags, with the setting that would divide them, if all have one column; else None."""
    rows = [row for block in blocks for row in block]
    if layout.tag is None or len(rows) < 2 or any(len(row.cells) > 1 for row in rows):
        return None
    marks = {mark for row in rows if (mark := delimiter_of(row.line)) is not None}
    hint = f": dataset.delimiter: {marks.pop()}" if len(marks) == 1 else "; there must be tokens and tags"
    return f"all {len(rows):,} lines have one column, such as {rows[0].line[:40]!r}{hint}"


def _column_doubts(blocks: Sequence[Block], sentences: Sequence[Sentence], layout: Layout) -> Iterator[str]:
    """Yield a warning of sentences with other columns than most, and one of tokens that are the numbers of tokens."""
    firsts = [block[0] for block in blocks]
    [(usual, count), *others] = Counter(len(row.cells) for row in firsts).most_common()
    if others:
        row = next(row for row in firsts if len(row.cells) != usual)
        rest = counted(len(firsts) - count, "sentence")
        yield (
            f"{counted(count, 'sentence')} in {counted(usual, 'column')}, {rest} in others (first: line {row.number}, "
            f"{counted(len(row.cells), 'column')}); negative token_column and tag_column count from a line's end"
        )
    numbers = [str(number) for number in range(1, 1 + max(len(sentence.tokens) for sentence in sentences))]
    if len(numbers) > 1 and all([*sentence.tokens] == numbers[: len(sentence.tokens)] for sentence in sentences):
        column = f"dataset.token_column: {layout.token + 1}"
        yield f"the tokens of all sentences are 1, 2, 3 ...; {column} is the column after"


def column_count(path: Path, layout: Layout) -> int | None:
    """Return the number of columns of a file in which every line looks like a token's row; None if it may be plain
    text.

    All rows must have the same number of columns, at least two and including those of the layout. Blank lines must
    divide them into at least two sentences, not all of one token.
    """
    try:
        blocks, _ = layout.blocks(_lines(path, layout))
    except DataError:
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
    if layout.tag is not None and (layout.token - layout.tag) % len(cells) == 0:
        return f"has {count}, so that the tag would be the token (dataset.tag_column)"
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
