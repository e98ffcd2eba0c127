"""Unicode's NFC and Python's `str.lower` as a TensorFlow graph, equal to Python's for every text."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import tensorflow as tf  # noqa: TID253

from seqrun.export.graph import code_points
from seqrun.export.graph.code_points import CASED, DOTTED_I, FINAL_SIGMA, IGNORED, MOST, PAGE, SIGMA

Points: TypeAlias = tf.RaggedTensor  # (texts, code points) int32
GONE = -1  # in place of a code point that was joined with one before it


class PointTable:
    """A number for each code point."""

    def __init__(self, numbers: np.ndarray):
        """`numbers` are (code points,)."""
        pages, rows = code_points.paged(numbers)
        self.pages, self.rows = tf.constant(pages), tf.constant(rows.reshape(-1), tf.int32)

    def __call__(self, points: tf.Tensor) -> tf.Tensor:
        """Return the numbers of these code points, int32, in the same shape."""
        page = tf.gather(self.pages, points // PAGE)
        return tf.gather(self.rows, page * PAGE + points % PAGE)


class Normal(tf.Module):
    """Normalises texts, as `seqrun.components.vocabulary.normalize` does."""

    def __init__(self, lowercase: bool):
        super().__init__()
        self.lowercase = lowercase
        self.begins = PointTable(code_points.begins())
        self.classes = PointTable(code_points.combining_classes())
        self.lower, self.kinds = PointTable(code_points.lower_case()), PointTable(code_points.case_kinds())
        parts = code_points.decompositions()
        numbers = np.zeros(code_points.COUNT, np.int32)
        numbers[list(parts)] = np.arange(1, len(parts) + 1)
        self.part_numbers = PointTable(numbers)  # of a code point's decomposition, 0: it has none
        values = [0, *map(ord, "".join(parts.values()))]
        self.parts = tf.RaggedTensor.from_row_lengths(tf.constant(values), [1, *map(len, parts.values())])
        pairs = code_points.compositions()
        keys = [first * MOST + second for first, second in pairs]
        initial = tf.lookup.KeyValueTensorInitializer(
            tf.constant(keys, tf.int64), tf.constant([*pairs.values()], tf.int64)
        )
        self.joined = tf.lookup.StaticHashTable(initial, GONE)

    def __call__(self, points: Points) -> Points:
        """Return the texts in NFC, in lower case if the run's were."""
        flat = points.flat_values
        texts = points.value_rowids()
        plain = tf.reduce_all((self.begins(flat) == 1) & (self.part_numbers(flat) == 0))
        composed = tf.cond(plain, lambda: (flat, texts), lambda: self._composed(flat, texts))
        flat, texts = self._lowered(*composed) if self.lowercase else composed
        return tf.RaggedTensor.from_value_rowids(flat, texts, points.nrows(), validate=False)

    # --- NFC: The Unicode Standard, 3.11, D108 to D117 ----------------------------------------------------------------

    def _composed(self, flat: tf.Tensor, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return code points (points,) and the number of the text of each, composed.

        A text is cut into stretches that do not touch each other: a starter, and what may be joined with it.
        """
        first = tf.concat([[True], texts[1:] != texts[:-1]], 0)
        stretch = tf.cumsum(tf.cast(first | (self.begins(flat) == 1), tf.int64)) - 1
        texts_of = tf.math.unsorted_segment_max(texts, stretch, stretch[-1] + 1)
        flat, stretch = self._ordered(*self._apart(flat, stretch))
        rows = tf.RaggedTensor.from_value_rowids(flat, stretch, validate=False)
        flat, stretch = self._joined(rows.to_tensor(GONE), tf.shape(texts_of, tf.int64)[0])
        return flat, tf.gather(texts_of, stretch)

    def _apart(self, flat: tf.Tensor, stretch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the code points' decompositions, and the stretch of each part."""
        numbers = self.part_numbers(flat)
        parts = tf.gather(self.parts, numbers)  # ragged (points, parts)
        itself = numbers == 0
        own = tf.gather(flat, parts.value_rowids())
        kept = tf.where(tf.gather(itself, parts.value_rowids()), own, parts.flat_values)
        return kept, tf.gather(stretch, parts.value_rowids())

    def _ordered(self, flat: tf.Tensor, stretch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the code points with marks that follow each other in the order of their combining classes."""
        classes = tf.cast(self.classes(flat), tf.int64)
        first = tf.concat([[True], stretch[1:] != stretch[:-1]], 0)
        run = tf.cumsum(tf.cast(first | (classes == 0), tf.int64))
        order = tf.argsort(run * PAGE + classes, stable=True)
        return tf.gather(flat, order), stretch

    def _joined(self, rows: tf.Tensor, count: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the code points left of stretches (stretches, longest), and the stretch of each, after joining.

        From left to right, each is joined with the last starter if no other mark of at least its class, and no other
        starter, stands between.
        """
        places = tf.range(tf.shape(rows, tf.int64)[1])
        numbers = tf.range(count)
        classes = tf.where(rows == GONE, 0, self.classes(tf.maximum(rows, 0)))

        def step(
            place: tf.Tensor, starter: tf.Tensor, last: tf.Tensor, kept: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
            point, kind = rows[:, place], classes[:, place]
            base = tf.gather_nd(kept, tf.stack([numbers, tf.maximum(starter, 0)], 1))
            both = tf.cast(base, tf.int64) * MOST + tf.cast(point, tf.int64)
            found = tf.cast(self.joined.lookup(tf.where((starter >= 0) & (point != GONE), both, -1)), tf.int32)
            joins = (found != GONE) & ((last < kind) | (last == 0))
            kept = tf.tensor_scatter_nd_update(
                kept,
                tf.stack([numbers, tf.where(joins, starter, place)], 1),
                tf.where(joins, found, point),
            )
            is_starter = (kind == 0) & (point != GONE) & ~joins
            return place + 1, tf.where(is_starter, place, starter), tf.where(joins, last, kind), kept

        blank = tf.fill(tf.shape(rows), GONE)
        start = (places[:1][0], tf.fill([count], tf.constant(-1, tf.int64)), tf.fill([count], 0), blank)
        _, _, _, kept = tf.while_loop(lambda place, *_: place < tf.shape(rows, tf.int64)[1], step, start)
        there = tf.where(kept != GONE)  # in order of stretch and place
        return tf.gather_nd(kept, there), there[:, 0]

    # --- small letters ------------------------------------------------------------------------------------------------

    def _lowered(self, flat: tf.Tensor, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return code points (points,) and the number of the text of each, in small letters."""
        lower = tf.where(self._ends_word(flat, texts), FINAL_SIGMA, self.lower(flat))
        extra = tf.where(flat == DOTTED_I, 2, 1)
        places = tf.repeat(tf.range(tf.shape(flat)[0]), extra)
        repeated, texts = tf.gather(lower, places), tf.gather(texts, places)
        second = tf.concat([[False], places[1:] == places[:-1]], 0)[: tf.shape(places)[0]]
        return tf.where(second, ord(chr(DOTTED_I).lower()[1]), repeated), texts

    def _ends_word(self, flat: tf.Tensor, texts: tf.Tensor) -> tf.Tensor:
        """Return which code points are a capital sigma that becomes the small one of a word's end, (points,)."""
        kinds = self.kinds(flat)
        counted = tf.where(kinds != IGNORED)[:, 0]
        cased, own = tf.gather(kinds, counted) == CASED, tf.gather(texts, counted)
        after = tf.concat([[False], cased[:-1] & (own[1:] == own[:-1])], 0)[: tf.shape(cased)[0]]
        before = tf.concat([cased[1:] & (own[1:] == own[:-1]), [False]], 0)[: tf.shape(cased)[0]]
        final = (tf.gather(flat, counted) == SIGMA) & after & ~before
        return tf.scatter_nd(counted[:, None], final, tf.shape(flat, tf.int64))
