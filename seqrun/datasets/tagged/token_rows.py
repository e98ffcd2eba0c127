"""Which lines of a CoNLL-style file are the rows of tokens, and which are comments, document marks, ranges or empty
nodes.

A line is left out only where it can be no token's row, and every one is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from seqrun.datasets.tagged.fields import Comments
from seqrun.readable import counted, listed_names

BLANKS = " \t"  # others, such as the no-break space, are part of a token
_BETWEEN = re.compile(f"[{BLANKS}]+")
_DOCUMENT = "-DOCSTART-"
_ID = re.compile(
    "([0-9]{1,9})(?:([-.])([0-9]{1,9}))?"
)  # CoNLL-U's: of a token (3), a multiword range (3-4), an empty node (3.1)
# What only comments of CoNLL-U say: newdoc, newpar, sent_id = 7, text=..., and any other `key = value`.
_METADATA = re.compile(r"# +(?:(?:newdoc|newpar)(?= |$)|(?:sent_id|text) *=|[\w.:-]+ = )")
_NEW_DOCUMENT = re.compile("# *newdoc(?= |$)")
COMMENT, DOCUMENT, RANGE, EMPTY = "comment", "-DOCSTART- line", "id range", "empty node"


@dataclass(frozen=True)
class Row:
    """A line that is not blank: its number, from 1, its text and its columns."""

    number: int
    line: str
    cells: Sequence[str]


Block = list[Row]  # the rows of a sentence


@dataclass
class LeftOut:
    """The lines that are no tokens' rows, by kind, and what may have been meant otherwise."""

    of: int = 0  # lines that there are, blank ones too
    lines: dict[str, list[int]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)  # those with which a document begins

    def add(self, kind: str, row: Row) -> None:
        """Count a line of this kind."""
        self.lines.setdefault(kind, []).append(row.number)
        if kind == DOCUMENT or (kind == COMMENT and _NEW_DOCUMENT.match(row.line)):
            self.documents.append(row.number)

    def __str__(self) -> str:
        """Say how many lines of each kind there are, with the first numbers; "" if there are none."""
        return ", ".join(f"{counted(len(lines), kind)} ({_places(lines)})" for kind, lines in self.lines.items())


def token_rows(
    lines: Iterable[str], columns: Sequence[int], tag: int | None, separator: str, comments: Comments
) -> tuple[list[Block], LeftOut]:
    """Return the rows of each sentence's tokens, and what else there is between them.

    `columns` are those that are read, `tag` the one of the tags among them, if any.
    """
    left_out = LeftOut()
    blocks = list(_blocks(lines, separator, left_out))
    if comments == "auto":
        blocks = _without_comments(blocks, columns, tag, separator, left_out)
    elif comments:
        blocks = [_after(block, [row for row in _hashes(block) if "\t" not in row.line], left_out) for block in blocks]
    return [block for block in _without_extra_ids(blocks, columns, left_out) if block], left_out


def split_cells(line: str, separator: str) -> list[str]:
    """Return the columns of a line."""
    if len(separator) == 1:  # else the name of a rule
        return [cell.strip(BLANKS) for cell in line.split(separator)]
    if separator == "auto" and "\t" in line:
        return [cell.strip(BLANKS) for cell in line.split("\t")]
    return _BETWEEN.split(line.strip(BLANKS))


def _blocks(lines: Iterable[str], separator: str, left_out: LeftOut) -> Iterator[Block]:
    """Yield the lines between blank ones and document marks, which end a sentence."""
    block: Block = []
    for number, line in enumerate(lines, start=1):
        left_out.of, line = number, line.rstrip("\r\n")
        row = Row(number, line, split_cells(line, separator))
        is_mark = row.cells[0] == _DOCUMENT
        if is_mark:
            left_out.add(DOCUMENT, row)
        if not is_mark and line.strip(BLANKS):
            block.append(row)
            continue
        if block:
            yield block
        block = []
    if block:
        yield block


# --- comments ---------------------------------------------------------------------------------------------------------


def _hashes(block: Block) -> Block:
    """Return the first rows of a block, as far as they begin with a # alone: comments, or tokens that are a #."""
    count = next((i for i, row in enumerate(block) if row.line[:2] not in ("#", "# ")), len(block))
    return block[:count]


def _after(block: Block, comments: Block, left_out: LeftOut) -> Block:
    for row in comments:
        left_out.add(COMMENT, row)
    return block[len(comments) :]


def _without_comments(
    blocks: Sequence[Block], columns: Sequence[int], tag: int | None, separator: str, left_out: LeftOut
) -> list[Block]:
    """Return the blocks without the lines before a first token that begin with "# " and can be no token's row."""
    rest = [block[len(_hashes(block)) :] for block in blocks]
    rows = _OtherRows.of(list(chain.from_iterable(rest)), columns, tag, separator)
    found, doubtful = [], []
    for block, after in zip(blocks, rest, strict=True):
        widths = {len(row.cells) for row in after} or rows.widths
        hashes = _hashes(block)
        first = next((i for i, row in enumerate(hashes) if rows.allow(row, widths)), len(hashes))
        doubtful += [row for row in hashes[first : first + 1] if rows.tags is not None and rows.lack_tag_of(row)]
        found.append(_after(block, hashes[:first], left_out))
    if doubtful:
        read = f"read as {counted(len(doubtful), 'token')}, with tags that no other row has: {doubtful[0].line!r}"
        places = _places([row.number for row in doubtful])
        left_out.doubts.append(f"{places}: {read}; dataset.comments: true makes comments of all such lines")
    return found


@dataclass(frozen=True)
class _OtherRows:
    """The rows of a file that are surely tokens', with which a line that may be a comment is compared."""

    widths: set[int]  # how many columns they have
    tabbed: bool  # tabs divide them
    numbered: bool  # the first column is numbers, not tokens
    tag: int | None
    tags: set[str] | None  # None: there are none

    @classmethod
    def of(cls, rows: Block, columns: Sequence[int], tag: int | None, separator: str) -> _OtherRows:
        """Return what the rows have in common; `columns` are those that are read."""
        numbered = all(_ID.fullmatch(row.cells[0]) and not _first_is_read(row, columns) for row in rows)
        tags = None if tag is None else {row.cells[tag] for row in rows if _has(row, tag)}
        tabbed = separator == "auto" and all("\t" in row.line for row in rows)
        return cls({len(row.cells) for row in rows}, tabbed, numbered, tag, tags)

    def allow(self, row: Row, widths: set[int]) -> bool:
        """Return whether a line that begins with "# " can be a token's row like the others.

        It cannot where it has no tabs and the others do, where its number of columns is none of `widths`, where the
        first column is numbers, or where it says what comments of CoNLL-U say, and its tag is no other row's.
        """
        divided = "\t" in row.line or not self.tabbed
        metadata = bool(_METADATA.match(row.line)) and self.lack_tag_of(row)
        return divided and len(row.cells) in widths and not self.numbered and not metadata

    def lack_tag_of(self, row: Row) -> bool:
        """Return whether no row has this row's tag, or there are no tags."""
        return self.tag is None or self.tags is None or not _has(row, self.tag) or row.cells[self.tag] not in self.tags


def _has(row: Row, column: int) -> bool:
    return -len(row.cells) <= column < len(row.cells)


def _first_is_read(row: Row, columns: Sequence[int]) -> bool:
    """Return whether a row's first column holds the token or the tag."""
    return any(column in (0, -len(row.cells)) for column in columns)


# --- CoNLL-U's ranges and empty nodes ---------------------------------------------------------------------------------


def _without_extra_ids(blocks: Sequence[Block], columns: Sequence[int], left_out: LeftOut) -> list[Block]:
    """Return the blocks without ranges and empty nodes, if the first column is ids in every sentence of the file."""
    extra = [row for block in blocks for row in block if _kind(row)]
    if not extra or any(_first_is_read(row, columns) for row in extra):
        return list(blocks)
    if broken := next((row for block in blocks if (row := _miscounted(block))), None):
        if all(_ID.fullmatch(row.cells[0]) for block in blocks for row in block):
            left_out.doubts.append(
                f"rows such as {extra[0].cells[0]} (line {extra[0].number}) are read as tokens, not as CoNLL-U's "
                f"ranges and empty nodes: the ids in the first column do not count 1, 2, 3 ... (line {broken.number}: "
                f"{broken.cells[0]})"
            )
        return list(blocks)
    for row in extra:
        left_out.add(_kind(row), row)
    return [[row for row in block if not _kind(row)] for block in blocks]


def _kind(row: Row) -> str:
    """Return what the row is if its first column is an id; "" if it is a token."""
    found = _ID.fullmatch(row.cells[0])
    return {"-": RANGE, ".": EMPTY}.get(found[2], "") if found else ""


def _miscounted(block: Block) -> Row | None:
    """Return the first row whose id does not follow from those before it, as CoNLL-U has them; None if all do.

    Tokens count 1, 2, 3 ...; a range n-m stands before the token n, and m is a token too; empty nodes n.1, n.2 ...
    stand after the token n, or before the first if n is 0 (https://universaldependencies.org/format.html).
    """
    token, node, end, in_range = 0, 0, 0, False
    for row in block:
        found = _ID.fullmatch(row.cells[0])
        if found is None:
            return row
        first, second = int(found[1]), int(found[3] or 0)
        if found[2] == "-":
            fits = first == token + 1 and second >= first > end and not in_range
            end, in_range = second, True
        elif found[2] == ".":
            fits = first == token and second == node + 1 and not in_range
            node = second
        else:
            fits = first == token + 1
            token, node, in_range = first, 0, False
        if not fits:
            return row
    return block[-1] if token < end else None


def _places(lines: Sequence[int]) -> str:
    return f"line{'s' if len(lines) > 1 else ''} {listed_names([*map(str, lines)], most=5)}"
