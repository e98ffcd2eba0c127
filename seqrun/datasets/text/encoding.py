"""From sequences of any length to the array that a network reads; the same for training data and at inference."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqrun.components.from_json import check_range, instance, read_object
from seqrun.components.vocabulary import START, UNKNOWN, VOCABULARY_FILE, Vocabulary
from seqrun.datasets.shared.fields import Side
from seqrun.errors import DataError
from seqrun.machine.memory import require

ENCODING_FILE = "encoding.json"
RANK_OFFSET = 3  # the id of rank r is r + 3 (keras.datasets.imdb: index_from)


@dataclass(frozen=True)
class Ragged:
    """Sequences of ids, one after another in one array."""

    values: np.ndarray  # (sum of lengths,) int32
    lengths: np.ndarray  # (sequences,) int32

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]] | np.ndarray) -> Ragged:
        """Return the sequences, given as such or as an object array of them."""
        lengths = np.fromiter(map(len, sequences), np.int32, len(sequences))
        values = np.fromiter(chain.from_iterable(sequences), np.int32, int(lengths.sum()))
        return cls(values, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def keys(self) -> Iterator[bytes]:
        """Yield bytes for each sequence, which are equal for equal sequences."""
        for end, length in zip(np.cumsum(self.lengths).tolist(), self.lengths.tolist(), strict=True):
            yield self.values[end - length : end].tobytes()

    def pad(self, length: int, padding: Side, truncating: Side) -> np.ndarray:
        """Return the sequences as rows, (sequences, length) int32, padded with 0 and cut at the given sides."""
        require(5 * len(self.lengths) * length, f"{len(self):,} samples of {length:,} tokens", "lower dataset.max_len")
        ends = np.cumsum(self.lengths, dtype=np.int32)
        to_edge = np.arange(len(self.values), dtype=np.int32)  # places from the side that is kept, from 0
        if truncating == "pre":
            to_edge = np.repeat(ends, self.lengths) - 1 - to_edge
        else:
            to_edge -= np.repeat(ends - self.lengths, self.lengths)
        kept = np.minimum(self.lengths, length)[:, None]  # (sequences, 1)
        column = np.arange(length)
        filled = column >= length - kept if padding == "pre" else column < kept  # (sequences, length)
        padded = np.zeros(filled.shape, np.int32)
        padded[filled] = self.values[to_edge < length]
        return padded


def within(ids: np.ndarray, skip_top: int, num_words: int) -> np.ndarray:
    """Return the ids, with UNKNOWN for those below `skip_top` or from `num_words` on.

    As in keras.datasets.imdb, this applies to START as well.
    """
    return np.where((ids >= skip_top) & (ids < num_words), ids, UNKNOWN).astype(np.int32, copy=False)


def encode_ranks(reviews: Ragged, skip_top: int, num_words: int) -> Ragged:
    """Return word ranks as token ids: 3 is added to each rank, START put in front, and `within` applied."""
    starts = np.cumsum(reviews.lengths) - reviews.lengths
    values = np.insert(reviews.values + RANK_OFFSET, starts, START)
    return Ragged(within(values, skip_top, num_words), reviews.lengths + 1)


@dataclass(frozen=True)
class TextEncoder:
    """Converts raw texts to a network's inputs; it also knows the classes of the network's output."""

    vocabulary: Vocabulary
    classes: tuple[str, ...]
    max_len: int
    padding: Side = "pre"
    truncating: Side = "pre"
    skip_top: int = 0

    def encode(self, texts: Iterable[str]) -> np.ndarray:
        """Return the token ids of the texts, (texts, max_len) int32."""
        ragged = Ragged.of([self.vocabulary.encode(text) for text in texts])
        values = within(ragged.values, self.skip_top, self.vocabulary.size)
        return Ragged(values, ragged.lengths).pad(self.max_len, self.padding, self.truncating)

    def artifacts(self) -> dict[str, bytes]:
        """Return file name -> content for RUN/artifacts/."""
        fields = {
            "classes": self.classes,
            "max_len": self.max_len,
            "padding": self.padding,
            "truncating": self.truncating,
            "skip_top": self.skip_top,
        }
        content = json.dumps(fields, indent=2, ensure_ascii=False).encode()
        return {VOCABULARY_FILE: self.vocabulary.to_json(), ENCODING_FILE: content}

    @classmethod
    def from_artifacts(cls, artifacts: Mapping[str, bytes]) -> TextEncoder:
        """Return the encoder that `artifacts` describe; raise DataError if they describe none."""
        try:
            fields = read_object(artifacts[ENCODING_FILE])
            found = instance(cls, {**fields, "vocabulary": read_object(artifacts[VOCABULARY_FILE])})
            check_range("max_len", found.max_len)
        except KeyError as error:
            raise DataError(f"these artifacts do not say how text is encoded: there is no {error}") from error
        except ValueError as error:
            raise DataError(f"{ENCODING_FILE} does not say how text is encoded: {error}") from error
        return found
