"""Which stretches of one, two or three words occur in texts: sparse tables of 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from seqrun.components.whole import Tokens


def presence(texts: Sequence[Tokens], longest: int) -> list[csr_matrix]:
    """Return for each group of texts a table (texts, columns) float32: 1 where the text has the column's stretch.

    The columns are all stretches of 1 to `longest` words of the first group, the texts to learn from, in the order in
    which they occur: first single words, then pairs, then longer ones. None spans two texts.
    """
    from scipy.sparse import csr_matrix

    words = np.concatenate([group.values for group in texts]).astype(np.int64)
    lengths = np.concatenate([group.lengths for group in texts])
    text = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)  # (words,) the text of each
    learned = int(texts[0].lengths.sum())
    tables, place, number = [], np.arange(len(words)), np.zeros(len(words), np.int64)
    for length in range(1, longest + 1):  # a stretch is the one without its last word, and that word
        place, number, count = _longer(words, text, learned, place, number, length)
        rows = text[place]
        table = csr_matrix((np.ones(len(rows), np.float32), (rows, number)), shape=(len(lengths), count))
        table.data[:] = 1  # adding up the stretches that a text has twice has made them 2
        tables.append(table)
    borders = np.cumsum([len(group.lengths) for group in texts])
    parts = [
        [table[end - len(group.lengths) : end] for table in tables] for group, end in zip(texts, borders, strict=True)
    ]
    return [_beside(part) for part in parts]


def _longer(
    words: np.ndarray, text: np.ndarray, learned: int, place: np.ndarray, number: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return where known stretches of this length begin, the number of each, and how many there are.

    `place` and `number` are the same of stretches one word shorter; the first `learned` of the words are those of
    which stretches become known.
    """
    import pandas

    last = place + length - 1
    inside = last < len(words)
    place, number, last = place[inside], number[inside], last[inside]
    whole = text[place] == text[last]
    place, number, last = place[whole], number[whole], last[whole]
    codes, _ = pandas.factorize(number * (words.max(initial=0) + 1) + words[last])  # numbered as they first occur
    count = int(codes[place < learned].max(initial=-1)) + 1
    known = codes < count
    return place[known], codes[known], count


def _beside(tables: Sequence[csr_matrix]) -> csr_matrix:
    """Return tables of the same rows side by side."""
    from scipy.sparse import hstack

    return hstack(tables, format="csr")
