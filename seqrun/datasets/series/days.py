"""Days, weekdays and days of the month of times, as steps on a calendar are told from them."""

from __future__ import annotations

from typing import Any

import numpy as np

DAY = np.timedelta64(1, "D")
FEWEST_DAYS = 28  # of a month
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def most(values: np.ndarray) -> Any:
    """Return the most frequent of the values."""
    different, counts = np.unique(values, return_counts=True)
    return different[np.argmax(counts)]


def weekdays(times: np.ndarray) -> np.ndarray:
    """Return the weekday of each time, Monday is 0."""
    return (times.astype("M8[D]").astype(np.int64) + 3) % 7


def days_of_month(times: np.ndarray) -> np.ndarray:
    """Return the day of the month of each time, from 1."""
    return (times.astype("M8[D]") - first_of_month(times)).astype(np.int64) + 1


def days_in_month(times: np.ndarray) -> np.ndarray:
    """Return how many days the month of each time has."""
    return (first_of_month(times, ahead=1) - first_of_month(times)).astype(np.int64)


def first_of_month(times: np.ndarray, ahead: int = 0) -> np.ndarray:
    """Return the first day of each time's month, or of the one so many months later."""
    return (times.astype("M8[M]") + ahead).astype("M8[D]")
