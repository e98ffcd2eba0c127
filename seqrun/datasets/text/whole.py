"""The whole texts of samples: read again from their file, and found by the rows that samples came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.components.provenance import Source
from seqrun.components.vocabulary import tokenize
from seqrun.components.whole import Tokens
from seqrun.datasets.files.sources import Found
from seqrun.datasets.text.encoding import Ragged
from seqrun.errors import DataError


@dataclass(frozen=True)
class ByRow:
    """Texts, each with its row in the file."""

    texts: Tokens
    rows: np.ndarray  # (texts,) int64, ascending

    @classmethod
    def of(cls, texts: Tokens) -> ByRow:
        """Return texts whose rows count from 0."""
        return cls(texts, np.arange(len(texts.lengths)))

    def at(self, index: np.ndarray) -> Ragged:
        """Return the texts of these rows, (samples,), in this order."""
        places = np.searchsorted(self.rows, index)
        ends = np.cumsum(self.texts.lengths, dtype=np.int64)
        lengths = self.texts.lengths[places]
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        shift = np.repeat(ends[places] - lengths - starts, lengths)
        return Ragged(self.texts.values[np.arange(len(shift)) + shift], lengths)


def spelled(texts: Iterable[str]) -> Ragged:
    """Return the texts as numbers of their words, in lower case, split as in the published IMDB data."""
    numbers: dict[str, int] = {}
    return Ragged.of([[numbers.setdefault(word, len(numbers)) for word in tokenize(text, "words")] for text in texts])


def check_unchanged(found: Found, known: Source, files: Iterable[Path] | None = None) -> None:
    """Raise DataError if what was found is no longer what the samples came from; `files` are those of a folder."""
    if Found(found.kind, found.path).source(files).sha256 != known.sha256:
        raise DataError(
            f"{found.path} has changed since the run began, so its whole texts are not those of the samples"
        )
