"""Tables of Unicode's code points: what Python's `unicodedata` and `str.lower` say of each, as arrays and pairs."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np

COUNT = sys.maxunicode + 1
PAGE = 256
NO_CHARACTERS = {"Cn", "Co", "Cs"}  # unassigned, of private use, surrogates: of these there is nothing to be said
MOST = 2**21  # more than any code point
SIGMA, FINAL_SIGMA = 0x3A3, 0x3C2
DOTTED_I = 0x130  # the one letter whose small form is two: i and a dot above
IGNORED, CASED = 1, 2  # of `case_kinds`


def paged(of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an array (code points,) as the number of each page of 256, and the pages that differ (pages, 256)."""
    pages: dict[bytes, int] = {}
    numbers = [pages.setdefault(page.tobytes(), len(pages)) for page in of.reshape(-1, PAGE)]
    return np.array(numbers, np.int32), np.frombuffer(b"".join(pages), of.dtype).reshape(-1, PAGE)


@cache
def characters() -> tuple[tuple[int, str], ...]:
    """Return each code point that is a character, with it."""
    every = ((number, chr(number)) for number in range(COUNT))
    return tuple(pair for pair in every if unicodedata.category(pair[1]) not in NO_CHARACTERS)


def _table(default: Callable[[np.ndarray], np.ndarray], exceptions: dict[int, int]) -> np.ndarray:
    table = default(np.arange(COUNT, dtype=np.int32))
    table[list(exceptions)] = list(exceptions.values())
    return table


@cache
def decompositions() -> dict[int, str]:
    """Return the code points that NFD takes apart, with their parts."""
    found = ((number, unicodedata.normalize("NFD", character)) for number, character in characters())
    return {number: parts for number, parts in found if parts != chr(number)}


@cache
def compositions() -> dict[tuple[int, int], int]:
    """Return the pairs of code points that NFC joins, each with what they become.

    The first of a pair may be such a join itself: an e with a circumflex, and an acute accent.
    """
    pairs: dict[tuple[int, int], int] = {}
    for number, parts in decompositions().items():
        joined = unicodedata.normalize("NFC", parts)
        if joined != chr(number) or len(parts) < 2:
            continue  # excluded from composition
        first = unicodedata.normalize("NFC", parts[:-1])
        if len(first) == 1 and unicodedata.normalize("NFC", first + parts[-1]) == chr(number):
            pairs[ord(first), ord(parts[-1])] = number
    return pairs


@cache
def combining_classes() -> np.ndarray:
    """Return each code point's canonical combining class, (code points,); 0 is a starter."""
    return _table(np.zeros_like, {n: unicodedata.combining(c) for n, c in characters() if unicodedata.combining(c)})


@cache
def begins() -> np.ndarray:
    """Return where a text can be cut in front of a code point without a change in NFC, (code points,) 0 or 1.

    It can where the first part of its decomposition is a starter that nothing before it is joined with.
    """
    seconds = {second for _, second in compositions()}
    parts = decompositions()
    joins = {n: 0 for n, c in characters() if _joins(parts.get(n, c)[0], seconds)}
    return _table(np.ones_like, joins)


def _joins(first: str, seconds: set[int]) -> bool:
    return unicodedata.combining(first) != 0 or ord(first) in seconds


@cache
def lower_case() -> np.ndarray:
    """Return each code point's small letter, (code points,), where it is one; that of the dotted I is its first."""
    return _table(np.copy, {n: ord(c.lower()[0]) for n, c in characters() if c.lower() != c})


@cache
def case_kinds() -> np.ndarray:
    """Return CASED and IGNORED code points, (code points,), as they decide whether a capital sigma ends a word.

    A sigma becomes the final one after a cased letter, unless a cased letter follows; ignored ones between do not
    count. Python does not tell of these kinds, so it is asked to make sigmas small.
    """

    def ends(text: str) -> bool:
        return (text + chr(SIGMA)).lower().endswith(chr(FINAL_SIGMA))

    kinds = {n: CASED if ends(c) else IGNORED for n, c in characters() if ends(f"A{c}")}
    return _table(np.zeros_like, kinds)
