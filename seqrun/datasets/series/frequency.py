"""Which step most rows of a time axis take: of what their times suggest, the one that explains most of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqrun.datasets.series.days import DAY, FEWEST_DAYS, MONTHS, WEEKDAYS, days_of_month, most, weekdays
from seqrun.datasets.series.month_days import month_days_name, usual_days
from seqrun.datasets.series.steps import (
    BY_THE_WALL,
    Frequency,
    by_the_wall,
    followed,
    months_name,
    weekmask_name,
)
from seqrun.datasets.series.week_years import week_years

WEEKS_SEEN = 3  # before a weekday without rows is one that never has any
SIGNIFICANT = 6  # digits of a step of numbers
RARE = 0.9  # where fewer rows than this share follow the clock, its step may be that of business hours


@dataclass(frozen=True)
class Pairs:
    """Rows and the rows before them in their series: when they are, and what the local calendar and clock say then."""

    before: np.ndarray  # (pairs,) datetime64
    after: np.ndarray
    wall_before: np.ndarray  # the same on the wall
    wall_after: np.ndarray

    @classmethod
    def of(cls, times: np.ndarray, wall: np.ndarray | None, rows: np.ndarray) -> Pairs:
        """Return the pairs of `rows` (pairs,) with the rows before them; `wall` is None where it says the times."""
        before, after = times[rows - 1], times[rows]
        return cls(before, after, before, after) if wall is None else cls(before, after, wall[rows - 1], wall[rows])

    def follow(self, step: str | float) -> np.ndarray:
        """Return whether each row comes one step after the row before it, (pairs,) booleans."""
        if by_the_wall(step):
            return followed(self.wall_before, self.wall_after, step)
        return followed(self.before, self.after, step)

    @cached_property
    def passed(self) -> np.timedelta64:
        """The time that passes most often from row to row."""
        found: np.timedelta64 = most(self.after - self.before)
        return found

    @cached_property
    def on_the_wall(self) -> np.timedelta64:
        """The same as the difference of what the clocks show."""
        found: np.timedelta64 = most(self.wall_after - self.wall_before)
        return found


def find_frequency(
    times: np.ndarray, neighbours: np.ndarray, wall: np.ndarray | None = None
) -> tuple[Frequency, np.ndarray]:
    """Return the step between most rows, and the rows (gaps,) that do not follow the row before them by it.

    `times` (rows,) are sorted within each series; `neighbours` (rows,) says which rows have a row before them in their
    series; `wall` (rows,) is what the local calendar and clock say, if that differs. The step is None if no row has a
    neighbour.
    """
    rows = np.flatnonzero(neighbours)
    if not len(rows):
        return None, rows
    pairs = Pairs.of(times, wall, rows)
    best, explained = None, np.zeros(len(rows), bool)
    for step in _candidates(pairs):
        fits = pairs.follow(step)
        if best is None or fits.sum() > explained.sum():
            best, explained = step, fits
        if explained.all():
            break
    return best, rows[~explained]


def gap_rows(times: np.ndarray, neighbours: np.ndarray, step: Frequency, wall: np.ndarray | None = None) -> np.ndarray:
    """Return the rows (gaps,) that do not follow the row before them in their series by this step."""
    rows = np.flatnonzero(neighbours)
    if step is None or not len(rows):
        return rows[:0]
    return rows[~Pairs.of(times, wall, rows).follow(step)]


def _candidates(pairs: Pairs) -> Iterator[str | float]:
    """Yield the steps that the times suggest; of those that explain as many rows, the first is meant."""
    if pairs.before.dtype.kind != "M":
        yield _most_number(pairs.after - pairs.before)
        return
    wall, passed = pairs.on_the_wall, pairs.passed
    if wall >= FEWEST_DAYS * DAY:
        yield from _of_months(pairs)
    if wall % DAY == np.timedelta64(0):
        yield _days(pairs, int(wall / DAY))
    yield _ticks(passed)
    if pairs.before is not pairs.wall_before:
        yield _ticks(wall) + BY_THE_WALL
    if wall == DAY:
        yield "B"
        yield from _weekmasks(pairs)
    elif DAY < wall < FEWEST_DAYS * DAY:
        yield from _of_half_months(pairs)
    elif passed == np.timedelta64(1, "h") and (pairs.after - pairs.before == passed).mean() < RARE:
        yield "bh"
    yield from week_years(pairs.wall_before, pairs.wall_after)
    if (days := usual_days(np.append(pairs.wall_before[:1], pairs.wall_after))) is not None:
        yield month_days_name(days)


def _most_number(differences: np.ndarray) -> float:
    """Return the most frequent difference of numbers, of which those that rounding separates are one."""
    if differences.dtype.kind in "iu":
        return int(most(differences))
    size = float(np.median(np.abs(differences)))
    if not size:
        return 0.0
    digits = -1 - math.floor(math.log10(size))  # after the point, of numbers with none before it
    rounded = np.round(differences, SIGNIFICANT + digits)
    alike = differences[rounded == most(rounded)]
    return round(float(alike.mean()), SIGNIFICANT + 3 + digits)


def _ticks(difference: np.timedelta64) -> str:
    """Return the name of a time span in hours or less: 90s, 10min, 24h."""
    import pandas as pd

    name: str = pd.tseries.frequencies.to_offset(pd.Timedelta(difference)).freqstr
    return f"{24 * int(difference / DAY)}h" if difference % DAY == np.timedelta64(0) else name


def _days(pairs: Pairs, days: int) -> str:
    """Return the name of so many days; of whole weeks on one weekday, W-WED or 2W-WED."""
    there = weekdays(pairs.wall_after)
    if days % 7 == 0 and (there == there[0]).all():
        return _several(days // 7, f"W-{WEEKDAYS[there[0]].upper()}")
    return _several(days, "D")


def _several(count: int, name: str) -> str:
    return name if count == 1 else f"{count}{name}"


def _weekmasks(pairs: Pairs) -> Iterator[str]:
    """Yield the step of days that leave out some weekdays always."""
    there = np.unique(weekdays(pairs.wall_after))
    if len(there) < 7 and pairs.wall_after.max() - pairs.wall_before.min() >= WEEKS_SEEN * 7 * DAY:
        yield weekmask_name(" ".join(WEEKDAYS[day] for day in there))


def _of_half_months(pairs: Pairs) -> Iterator[str]:
    """Yield steps between the first or the last day of each month and another, such as the 15th."""
    days = days_of_month(pairs.wall_after)
    last = days_of_month(pairs.wall_after + DAY) == 1
    for name, others in (("SMS", days[days != 1]), ("SME", days[~last])):
        if len(others) and 1 < (day := int(most(others))) < FEWEST_DAYS:
            yield f"{name}-{day}"


def _of_months(pairs: Pairs) -> Iterator[str]:
    """Yield steps of whole months: of their first, last, first business, last business, and same days."""
    months = pairs.wall_after.astype("M8[M]").astype(np.int64)
    step = int(most(months - pairs.wall_before.astype("M8[M]").astype(np.int64)))
    if step < 1:
        return
    for name in ("MS", "ME", "BMS", "BME"):
        yield _from_month(step, name, months)
    days = days_of_month(pairs.wall_after)
    yield months_name(step, int(most(days)))
    if days.max() > FEWEST_DAYS:  # the 30th, whose place February's last day takes
        yield months_name(step, int(days.max()))
    weekday = WEEKDAYS[int(most(weekdays(pairs.wall_after)))].upper()
    week = int(most((days - 1) // 7))
    if week < 4:
        yield _several(step, f"WOM-{week + 1}{weekday}")
    yield _several(step, f"LWOM-{weekday}")


def _from_month(step: int, name: str, months: np.ndarray) -> str:
    """Return the step of so many months between days called `name` (MS, BME ...), as pandas names quarters and years.

    `months` (rows,) are those of the rows, from January 1970.
    """
    if step % 12 == 0:
        return f"{_several(step // 12, name.replace('M', 'Y'))}-{MONTHS[int(most(months % 12))]}"
    if step == 3:
        month = int(most(months % 3))
        return f"{name.replace('M', 'Q')}-{MONTHS[month if name.endswith('S') else 9 + month]}"
    return _several(step, name)
