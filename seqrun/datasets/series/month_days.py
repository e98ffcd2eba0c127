"""The step between fixed days of every month, such as the 5th and the 20th, for which pandas has no offset."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from seqrun.datasets.series.days import FEWEST_DAYS, days_in_month, days_of_month, first_of_month

SEEN = 2  # rows, at least, on each of the days
MOST_DAYS = 10  # of a month; a calendar of more is told by the weekdays that it leaves out
ON_THEM = 0.9  # of the rows, at least
_NAME = re.compile(r"MonthDays\((\d+(?:, \d+)+)\)")


def month_days_name(days: Sequence[int]) -> str:
    """Return the step to the next of these days of the month, in order; one past a shorter month is its last day."""
    return f"MonthDays({', '.join(map(str, days))})"


def month_days(step: str) -> tuple[int, ...] | None:
    """Return the days that a step's name says, or None if it is that of another step."""
    found = _NAME.fullmatch(step)
    return None if found is None else tuple(map(int, found[1].split(", ")))


def usual_days(times: np.ndarray) -> tuple[int, ...] | None:
    """Return the few days of the month on which nearly all of these times lie, (rows,), each of them often; or None.

    One of them at most is the 28th or later: in February two such would be one day.
    """
    days = days_of_month(times)
    different, counts = np.unique(days, return_counts=True)
    usual = different[2 * counts >= counts.max()]
    if not 2 <= len(usual) <= MOST_DAYS or counts.max() < SEEN or (usual >= FEWEST_DAYS).sum() > 1:
        return None
    on_them = (days[:, None] == np.minimum(usual, days_in_month(times)[:, None])).any(axis=1)  # (rows,)
    return tuple(usual.tolist()) if on_them.mean() >= ON_THEM else None


def moved_on_days(times: np.ndarray, days: Sequence[int], count: int | np.ndarray) -> np.ndarray:
    """Return times of any shape, moved by `count` of these days: one number for all or one for each; below zero, back.

    From a time between two of them, the first step leads to the next. The time of day stays.
    """
    each = np.array(days)
    in_their_months = np.minimum(each, days_in_month(times)[..., None])  # (..., days)
    day = days_of_month(times)[..., None]
    reached = (in_their_months <= day).sum(axis=-1)
    between = ~(in_their_months == day).any(axis=-1)
    place = (
        times.astype("M8[M]").astype(np.int64) * len(each) + reached - 1 + count + (between & (np.asarray(count) < 0))
    )
    months, number = np.divmod(place, len(each))
    first = first_of_month(months.astype("M8[M]"))
    ahead = first + np.minimum(each[number], days_in_month(first)) - 1
    there = ahead.astype(times.dtype) + (times - times.astype("M8[D]"))
    return np.where(np.asarray(count) == 0, times, there).astype(times.dtype)
