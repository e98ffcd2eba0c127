"""Texts as token ids, as a TensorFlow graph: what `Reader.inputs` of read_input.py does."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf  # noqa: TID253

from seqrun.export.graph.code_points import COUNT, characters
from seqrun.export.graph.normal import Normal, Points, PointTable

BLANK = ord(" ")
UTF_8 = "UTF-8"


class Texts(tf.Module):
    """Reads texts as `input.json` describes it."""

    def __init__(self, description: dict[str, Any]):
        super().__init__()
        self.told = description
        self.normal = Normal(description["lowercase"])
        given = description["tokens"] == "given"  # between all white space, even that within words of other texts
        self.separators = PointTable(_marked(map(chr, _white_space()) if given else description["separators"]))
        vocabulary = description["vocabulary"]
        initial = tf.lookup.KeyValueTensorInitializer(
            tf.constant([*vocabulary], tf.string), tf.constant([*vocabulary.values()], tf.int32)
        )
        self.ids = tf.lookup.StaticHashTable(initial, description["unknown"])

    def __call__(self, raw: dict[str, tf.Tensor]) -> tf.Tensor:
        """Return token ids, (texts, time) int32, of `texts` (texts,) in UTF-8."""
        points = self.normal(tf.strings.unicode_decode(raw["texts"], UTF_8))
        tokens = self._characters(points) if self.told["tokens"] == "characters" else self._words(points)
        ids = tf.ragged.map_flat_values(self.ids.lookup, tokens)
        if self.told["start"] is not None:
            start = tf.fill([ids.nrows(), 1], tf.constant(self.told["start"], tf.int32))
            ids = tf.concat([tf.RaggedTensor.from_tensor(start, row_splits_dtype=tf.int64), ids], axis=1)
        return self._padded(tf.ragged.map_flat_values(self._within, ids))

    def _words(self, points: Points) -> tf.RaggedTensor:
        """Return what stands between separators, (texts, words)."""
        flat = points.flat_values
        blanked = points.with_flat_values(tf.where(self.separators(flat) == 1, BLANK, flat))
        words = tf.strings.split(tf.strings.unicode_encode(blanked, UTF_8), " ")
        return tf.ragged.boolean_mask(words, tf.ragged.map_flat_values(lambda word: word != "", words))

    @staticmethod
    def _characters(points: Points) -> tf.RaggedTensor:
        return points.with_flat_values(tf.strings.unicode_encode(points.flat_values[:, None], UTF_8))

    def _within(self, ids: tf.Tensor) -> tf.Tensor:
        inside = (ids >= self.told["skip_top"]) & (ids < self.told["size"])
        return tf.where(inside, ids, self.told["unknown"])

    def _padded(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Return ids as rows, cut and padded with 0 at the sides that the run cut and padded."""
        length = self.told["shape"][0]
        kept = ids[:, -length:] if self.told["truncating"] == "pre" else ids[:, :length]
        rows = kept.to_tensor(0, shape=[None, length])
        if self.told["padding"] == "post":
            return rows
        column = tf.range(length, dtype=tf.int64) - (length - kept.row_lengths()[:, None])
        return tf.where(column >= 0, tf.gather(rows, tf.maximum(column, 0), batch_dims=1), 0)


def _marked(characters: Any) -> np.ndarray:
    """Return 1 for these characters and 0 for all others, (code points,)."""
    marks = np.zeros(COUNT, np.int32)
    marks[[ord(character) for character in characters]] = 1
    return marks


def _white_space() -> list[int]:
    """Return the code points at which `str.split` divides a text."""
    return [number for number, character in characters() if character.isspace()]
