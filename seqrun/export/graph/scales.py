"""From original units to the network's, and back, in a TensorFlow graph and 64 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf  # noqa: TID253

UNKNOWN = -1


class Scales(tf.Module):
    """An original number is `scale` times the network's plus `offset`; series may have scales of their own."""

    def __init__(self, told: dict[str, Any]):
        """`told` has offset and scale, a number for each column, or `series` with such of each."""
        super().__init__()
        known = told.get("series") or {"": told}
        rows = [[scales[part] for scales in known.values()] for part in ("offset", "scale")]
        self.parts = [tf.constant(np.array(each, np.float64)) for each in rows]  # (series, columns) each
        self.numbers = None
        if told.get("series"):
            initial = tf.lookup.KeyValueTensorInitializer(
                tf.constant([*known], tf.string), tf.range(len(known), dtype=tf.int32)
            )
            self.numbers = tf.lookup.StaticHashTable(initial, UNKNOWN)

    def scaled(self, values: tf.Tensor, series: tf.Tensor | None = None) -> tf.Tensor:
        """Return values (samples, rows, columns) in the network's units; `series` names those of the samples."""
        offset, scale = self.of(series)
        return (values - offset) / scale

    def original(self, values: tf.Tensor, series: tf.Tensor | None = None) -> tf.Tensor:
        """Return the network's values (samples, ..., columns) in original units."""
        offset, scale = self.of(series)
        return tf.cast(values, tf.float64) * scale + offset

    def of(self, series: tf.Tensor | None) -> list[tf.Tensor]:
        """Return offset and scale, (columns,), or of named series (samples, 1, columns); fails for an unknown name."""
        if self.numbers is None or series is None:
            return [part[0] for part in self.parts]
        numbers = self.numbers.lookup(series)
        known = tf.debugging.assert_none_equal(numbers, UNKNOWN, message="a series that the run did not learn from")
        with tf.control_dependencies([known] if known is not None else []):
            return [tf.gather(part, numbers)[:, None] for part in self.parts]
