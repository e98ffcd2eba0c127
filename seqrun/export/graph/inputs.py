"""Raw input as a network reads it, as a TensorFlow graph: what `Reader.inputs` of read_input.py does."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf  # noqa: TID253

from seqrun.export.graph.scales import Scales
from seqrun.export.graph.texts import Texts

Raw = dict[str, tf.Tensor]
Read = Callable[[Raw], tf.Tensor]
DAY = 86_400  # seconds


def read_as(told: dict[str, Any]) -> Read:
    """Return what turns raw samples into inputs, as `input.json` describes it."""
    kind = told["kind"]
    if kind == "texts":
        return Texts(told)
    if kind == "values":
        return Values(told)
    if kind == "windows":
        return Windows(told)
    if kind == "pictures" and told["steps"] == "columns":
        return lambda raw: tf.transpose(raw["samples"], [0, 2, 1])
    return lambda raw: raw["samples"]


class Values(tf.Module):
    """Samples of numbers in original units; steps at the end of one that are NaN in every feature are padding."""

    def __init__(self, told: dict[str, Any]):
        super().__init__()
        self.told, self.scales = told, Scales(told)

    def __call__(self, raw: Raw) -> tf.Tensor:
        """Return the inputs (samples, time, features)."""
        samples = raw["samples"]
        scaled = tf.cast(self.scales.scaled(samples), tf.float32)
        missing = tf.reduce_all(tf.math.is_nan(samples), axis=2, keepdims=True)
        return tf.where(missing, self.told["fill"], scaled) if self.told["padded"] else scaled


class Windows(tf.Module):
    """Windows of series in original units, with what the calendar says of their rows."""

    def __init__(self, told: dict[str, Any]):
        super().__init__()
        self.told, self.scales = told, Scales(told)

    def __call__(self, raw: Raw) -> tf.Tensor:
        """Return the inputs (samples, time, features)."""
        scaled = tf.cast(self.scales.scaled(raw["samples"], raw.get("series")), tf.float32)
        if self.told["calendar"]:
            scaled = tf.concat([scaled, _calendar(raw["times"], self.told["calendar"])], axis=2)
        return scaled[:, :: self.told["step"]]


# --- the calendar -----------------------------------------------------------------------------------------------------


def _calendar(seconds: tf.Tensor, wanted: list[str]) -> tf.Tensor:
    """Return the sine and cosine of each wanted feature of local times (samples, rows), seconds since 1970."""
    shares = _shares(seconds)
    angles = [2 * math.pi * shares[name] for name in wanted]
    circles = [part(angle) for angle in angles for part in (tf.sin, tf.cos)]
    return tf.cast(tf.stack(circles, axis=-1), tf.float32)


def _shares(seconds: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return how far times are through the hour, day, week, month and year: from 0 to less than 1, float64."""
    day = seconds // DAY
    year, month, of_month = _civil(day)
    minute, hour = seconds // 60 % 60, seconds // 3600 % 24
    next_month = _days(tf.where(month == 12, year + 1, year), month % 12 + 1)
    first, next_first = _days(year, tf.ones_like(month)), _days(year + 1, tf.ones_like(month))

    def share(part: tf.Tensor, whole: tf.Tensor | int) -> tf.Tensor:
        return tf.cast(part, tf.float64) / tf.cast(whole, tf.float64)

    return {
        "minute": share(minute, 60),
        "hour": (tf.cast(hour, tf.float64) + share(minute, 60)) / 24,
        "dayofweek": share((day + 3) % 7, 7),  # 1970 began on a Thursday
        "dayofmonth": share(of_month - 1, next_month - _days(year, month)),
        "dayofyear": share(day - first, next_first - first),
        "month": share(month - 1, 12),
    }


def _civil(days: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return year, month and day of the month of days since 1970 (H. Hinnant, "chrono-Compatible Low-Level Date
    Algorithms", 2021, civil_from_days)."""
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    month = tf.where(from_march < 10, from_march + 3, from_march - 9)
    year = year_of_era + era * 400 + tf.cast(month <= 2, tf.int64)
    return year, month, of_year - (153 * from_march + 2) // 5 + 1


def _days(year: tf.Tensor, month: tf.Tensor) -> tf.Tensor:
    """Return the days from 1970 to the first of the month (days_from_civil, the same source)."""
    year = year - tf.cast(month <= 2, tf.int64)
    era = year // 400
    year_of_era = year - era * 400
    from_march = tf.where(month > 2, month - 3, month + 9)
    of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + (153 * from_march + 2) // 5
    return era * 146_097 + of_era - 719_468
