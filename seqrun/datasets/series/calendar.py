"""Calendar features of a row's time, as points on circles, so that Sunday is next to Monday."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.shared.fields import CalendarFeature
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import DatetimeIndex, Index

# How far a time is through the hour, day, week, month or year: from 0 to less than 1.
_SHARES: dict[CalendarFeature, Callable[[DatetimeIndex], Index[float]]] = {
    "minute": lambda t: t.minute / 60,
    "hour": lambda t: (t.hour + t.minute / 60) / 24,
    "dayofweek": lambda t: t.day_of_week / 7,
    "dayofmonth": lambda t: (t.day - 1) / t.days_in_month,
    "dayofyear": lambda t: (t.day_of_year - 1) / (365 + t.is_leap_year),
    "month": lambda t: (t.month - 1) / 12,
}


def calendar_names(wanted: Sequence[CalendarFeature]) -> list[str]:
    """Return the names of the features: two for each one that is wanted."""
    return [f"{name}_{part}" for name in wanted for part in ("sin", "cos")]


def calendar_features(times: np.ndarray, wanted: Sequence[CalendarFeature]) -> np.ndarray:
    """Return the sine and cosine of each wanted feature, (rows, 2 * wanted) float32, for datetime64 times (rows,).

    Raises DataError for times that are numbers.
    """
    import pandas as pd

    if times.dtype.kind != "M":
        raise DataError("dataset.calendar needs dates, but the time column holds numbers")
    index = pd.DatetimeIndex(times)
    features = np.empty((len(times), 2 * len(wanted)), np.float32)
    for number, name in enumerate(wanted):
        angle = 2 * np.pi * np.asarray(_SHARES[name](index), float)
        features[:, 2 * number], features[:, 2 * number + 1] = np.sin(angle), np.cos(angle)
    return features
