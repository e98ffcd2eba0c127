"""The step from row to row of a time axis: found, compared with rows, and continued past the end.

A step is a number, or for dates the name of a pandas offset (10min, D, QS-FEB, SMS-15 ...). What has no such name is
written as the call that makes it: DateOffset(months=1, day=15), CustomBusinessDay(weekmask='Mon Tue Wed Thu Fri Sat');
what pandas has not at all, in the same way: MonthDays(5, 20).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from seqrun.datasets.series.month_days import month_days, moved_on_days
from seqrun.datasets.series.time_axis import Times
from seqrun.datasets.series.zones import instants_of, wall_times
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas.tseries.offsets import BaseOffset

Frequency = str | float | None  # of an axis; None: no row has a neighbour

BY_THE_WALL = " by the local clock"  # 12h so counted is from noon to midnight also where clocks are changed
_MONTHS = re.compile(r"DateOffset\(months=(\d+), day=(\d+)\)")
_WEEKMASK = re.compile(r"CustomBusinessDay\(weekmask='([A-Za-z ]+)'\)")
_WEEKDAYS: Mapping[str, Literal[0, 1, 2, 3, 4, 5, 6]]
_WEEKDAYS = {"MON": 0, "TUE": 1, "WED": 2, "THU": 3, "FRI": 4, "SAT": 5, "SUN": 6}
_LAST_WEEKDAY = re.compile(rf"(\d*)LWOM-({'|'.join(_WEEKDAYS)})")
_FRACTION = 1e-6  # of a step, by which numbers such as 0.1 + 0.2 may miss it
ROUNDINGS = 4  # of large numbers such as 1.6e9 + 0.1, which may differ by as much


def months_name(months: int, day: int) -> str:
    """Return the step from a day of a month to the same day `months` later, or to the last day of a shorter month."""
    return f"DateOffset(months={months}, day={day})"


def weekmask_name(days: str) -> str:
    """Return the step from a day to the next that is among `days`, such as "Mon Tue Wed Thu Fri Sat"."""
    return f"CustomBusinessDay(weekmask='{days}')"


def offset(step: str) -> BaseOffset:
    """Return pandas' offset of a step."""
    import pandas as pd

    if found := _MONTHS.fullmatch(step):
        return pd.DateOffset(months=int(found[1]), day=int(found[2]))
    if found := _WEEKMASK.fullmatch(step):
        return pd.offsets.CustomBusinessDay(weekmask=found[1])
    if found := _LAST_WEEKDAY.fullmatch(step):  # which pandas 2 writes, and does not read
        return pd.offsets.LastWeekOfMonth(int(found[1] or 1), weekday=_WEEKDAYS[found[2]])
    return pd.tseries.frequencies.to_offset(step.removesuffix(BY_THE_WALL))


def by_the_wall(step: str | float) -> bool:
    """Return whether a step is counted on the local calendar and clock: days, months, years.

    Hours and less are counted as they pass, also where the clocks are changed.
    """
    import pandas as pd

    if not isinstance(step, str):
        return False
    if month_days(step) is not None:
        return True
    found = offset(step)  # up to pandas 2, a day is a Tick too
    return step.endswith(BY_THE_WALL) or not isinstance(found, pd.offsets.Tick) or isinstance(found, pd.offsets.Day)


def moved(times: np.ndarray, step: str | float, count: int | np.ndarray = 1) -> np.ndarray:
    """Return times of any shape, moved by `count` steps: one number for all or one for each; below zero, back."""
    if not isinstance(step, str):
        return times + count * step
    if (days := month_days(step)) is not None:
        return moved_on_days(times, days, count)
    if (span := _span(offset(step))) is not None:
        return (times + count * span).astype(times.dtype)
    if isinstance(count, int):
        return _moved_on_calendar(times, offset(step), count)
    result = np.empty_like(times)
    for number in np.unique(count).tolist():
        result[count == number] = _moved_on_calendar(times[count == number], offset(step), number)
    return result


def _span(step: BaseOffset) -> np.timedelta64 | None:
    """Return how long an offset always is; None if that depends on the calendar."""
    import pandas as pd

    if isinstance(step, pd.offsets.Day):  # on the wall each is as long as the next
        return np.timedelta64(step.n, "D")
    return pd.Timedelta(step).to_timedelta64() if isinstance(step, pd.offsets.Tick) else None


def _moved_on_calendar(times: np.ndarray, step: BaseOffset, count: int) -> np.ndarray:
    import pandas as pd

    if not count:
        return times
    different, places = np.unique(times, return_inverse=True)  # not all offsets are quick
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
        ahead = pd.DatetimeIndex(different) + count * step
    return ahead.to_numpy().astype(times.dtype)[places].reshape(times.shape)


def followed(before: np.ndarray, after: np.ndarray, step: str | float) -> np.ndarray:
    """Return whether each time of `after` comes one step after that of `before`, (pairs,) booleans.

    Both must stand on the step's calendar: from a 4th to the next 1st is no month.
    """
    return same(moved(before, step), after, step) & same(moved(after, step, -1), before, step)


def same(one: np.ndarray, other: np.ndarray, step: str | float) -> np.ndarray:
    """Return whether times are equal; numbers may differ as far as rounding makes them, by little of a step."""
    if isinstance(step, str):
        return one == other
    rounding = ROUNDINGS * np.finfo(np.float64).eps * np.maximum(np.abs(one), np.abs(other))
    return np.abs(one - other) <= np.maximum(_FRACTION * abs(step), rounding)


def steps_to(first: np.ndarray, last: np.ndarray, step: str | float) -> np.ndarray:
    """Return how many steps, at least 1, lead from each time of `first` to that of `last` or past it, (pairs,)."""

    def too_few(count: np.ndarray) -> np.ndarray:
        reached = moved(first, step, count)
        return (reached < last) & ~same(reached, last, step)

    enough = np.ones(len(first), np.int64)
    while (few := too_few(enough)).any():
        enough = np.where(few, 2 * enough, enough)
    below = enough // 2
    while (enough - below > 1).any():
        middle = (below + enough) // 2
        few = too_few(middle)
        below, enough = np.where(few, middle, below), np.where(few, enough, middle)
    return enough


def onward(times: Times, step: str | float, count: int | np.ndarray = 1) -> Times:
    """Return the times `count` steps later; where no zone is named, each keeps its offset from UTC."""
    if times.wall is None:
        return replace(times, instants=moved(times.instants, step, count))
    ahead = times.wall - times.instants
    if by_the_wall(step):
        wall = moved(times.wall, step, count)
        return replace(times, wall=wall, instants=wall - ahead if times.zone is None else instants_of(wall, times.zone))
    instants = moved(times.instants, step, count)
    wall = instants + ahead if times.zone is None else wall_times(instants, times.zone)
    return replace(times, instants=instants, wall=wall)


def after(last: Times, step: Frequency, delay: int, horizon: int) -> Times:
    """Return the times of the rows after the `last` rows (series,), skipping the first `delay`: (series, horizon).

    Raises DataError if the step is None, because no series has two rows.
    """
    if step is None:
        raise DataError("the step from row to row is not known: no series has two rows")
    ahead = [onward(last, step, count) for count in range(delay + 1, delay + horizon + 1)]
    instants, wall = (
        np.stack(each, axis=1) for each in zip(*((one.instants, one.local) for one in ahead), strict=True)
    )
    return replace(last, instants=instants, wall=None if last.wall is None else wall)
