"""Word vectors from a text file, as GloVe and word2vec have it: a word and its numbers a line.

A first line of two whole numbers is word2vec's header: how many words there are, and how many numbers each has.
GloVe: Pennington, Socher and Manning, 2014; word2vec: Mikolov et al., 2013.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.errors import DataError
from seqrun.machine.opener import open_file

LONGEST = 1_000_000  # characters of a line

if TYPE_CHECKING:
    import numpy as np


def dimension(path: Path) -> int:
    """Return how many numbers a word has in the file; DataError if it cannot be read or its first line is no vector."""
    lines = _lines(path)
    number, fields = next(lines, (1, []))
    if _is_header(fields):
        return int(fields[1])
    if len(fields) < 2 or not all(map(_is_number, fields[1:])):
        raise DataError(f"{path}:{number}: a word and its numbers, separated by spaces, should stand here")
    return len(fields) - 1


def read(path: Path, words: Iterable[str]) -> dict[str, np.ndarray]:
    """Return word -> vector (dimension,) float32, of those words that the file has; the first if it has a word twice.

    Raises DataError, with the line, for a malformed vector.
    """
    import numpy as np

    size, wanted, found = dimension(path), set(words), {}
    for number, fields in _lines(path):
        if number == 1 and _is_header(fields):
            continue
        word = _word(fields, size)
        if word is None:
            raise DataError(f"{path}:{number}: {len(fields) - 1} numbers, where the file's vectors have {size}")
        if word in wanted and word not in found:
            try:
                found[word] = np.array(fields[-size:], dtype=np.float32)
            except ValueError as error:
                raise DataError(f"{path}:{number}: the vector of {word!r} is not all numbers ({error})") from None
            if not np.isfinite(found[word]).all():
                raise DataError(f"{path}:{number}: the vector of {word!r} is not all finite")
    return found


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    # Published files hold a few words that are not valid UTF-8; kept as surrogates, they match no word of a text.
    try:
        with io.TextIOWrapper(open_file(path), "utf-8", "surrogateescape", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST), ""), start=1):
                if len(line) == LONGEST:
                    raise DataError(f"{path}:{number}: the line has {LONGEST:,} characters or more, so it is no vector")
                yield number, line.rstrip(" \t\r\n").replace("\t", " ").split(" ")
    except OSError as error:
        raise DataError(f"{path}: the word vectors cannot be read ({error.strerror})") from None


def _word(fields: list[str], size: int) -> str | None:
    """Return the line's word; None if it has none.

    A word may have spaces in it, as in GloVe's largest file; no part after the first is a number.
    """
    if len(fields) == size + 1:
        return fields[0]
    before = fields[:-size]
    return " ".join(before) if before and not any(map(_is_number, before[1:])) else None


def _is_header(fields: list[str]) -> bool:
    return len(fields) == 2 and all(field.isdecimal() for field in fields)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
