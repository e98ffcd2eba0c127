"""Which rows of a series belong to which split: fractions in time order, or ranges of days or rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from seqrun.components.options import Options
from seqrun.datasets.shared.fields import Fractions
from seqrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Segment = tuple[int, int]  # rows of one series: the first, and the one past the last
Segments = tuple[Segment, ...]

NAMES = ("train", "validation", "test")
ROUNDING = 1e-6  # rows: 0.7 + 0.2 is a little less than 0.9

Bound = Annotated[int, Field(ge=0)] | date | None
Range = Annotated[list[Bound], Field(min_length=2, max_length=2)]


class Ranges(Options):
    """The first and the last day (2016-01-01) or row (from 0) of each split, inclusive."""

    train: Range = Field(description="first and last; null for the first is the series' first row")
    validation: Range = Field(description="first and last")
    test: Range = Field(description="first and last; null for the last is the series' last row")

    @model_validator(mode="after")
    def _in_time_order(self) -> Ranges:
        bounds = [*self.train, *self.validation, *self.test]
        if None in bounds[1:-1]:
            raise ValueError("only the first bound of train and the last of test can be null")
        inner = [bound for bound in bounds if bound is not None]
        if len({type(bound) for bound in inner}) > 1:
            raise ValueError("days and row numbers are mixed; write all six as one or the other")
        for number in range(len(bounds) - 1):
            before, after = bounds[number], bounds[number + 1]
            name = NAMES[(number + 1) // 2]
            if before is None or after is None or _number(before) < _number(after):
                continue
            if number % 2 == 0 and before == after:
                continue
            if number % 2 == 0:
                raise ValueError(f"{name} ends ({after}) before it begins ({before})")
            raise ValueError(f"{name} must begin after {NAMES[number // 2]} has ended ({before}), not at {after}")
        return self

    @property
    def by_day(self) -> bool:
        """Whether the bounds are days rather than row numbers."""
        return isinstance(self.validation[0], date)

    def of(self, name: str) -> tuple[Any, Any]:
        """Return the bounds of a split."""
        first, last = getattr(self, name)
        return first, last


def _number(bound: int | date) -> int:
    """Return a row number as it is, or a day's number in the calendar."""
    return bound.toordinal() if isinstance(bound, date) else bound


def split_rows(
    rule: Fractions | Ranges, series: Sequence[Segment], times: np.ndarray | None = None
) -> dict[str, Segments]:
    """Return the rows of each split, from the rows of each series; fractions and row numbers apply to every series.

    `times` (rows,) are sorted within each series. Raises DataError if a range is impossible.
    """
    if isinstance(rule, Ranges):
        if not rule.by_day:
            _check_numbers(rule, max(past - first for first, past in series))
        elif times is None or times.dtype.kind != "M":
            raise DataError("dataset.splits are days, but the rows have no dates")
        found = {name: [_within(*rule.of(name), each, times) for each in series] for name in NAMES}
    else:
        shares = (0.0, rule[0], rule[0] + rule[1], 1.0)
        borders = [
            [first + math.floor(share * (past - first) + ROUNDING) for share in shares] for first, past in series
        ]
        found = {name: [(each[i], each[i + 1]) for each in borders] for i, name in enumerate(NAMES)}
    return {name: tuple(each for each in segments if each[0] < each[1]) for name, segments in found.items()}


def latest(segments: Segments, fraction: float) -> Segments:
    """Return the last rows of each segment, this fraction of them, and at least one."""
    lengths = (past - first for first, past in segments)
    kept = (max(math.ceil(fraction * length - ROUNDING), 1) for length in lengths)
    return tuple((past - count, past) for (_, past), count in zip(segments, kept, strict=True))


def _within(first: Any, last: Any, series: Segment, times: np.ndarray | None) -> Segment:
    """Return the rows of a series from `first` to `last` (days or row numbers), inclusive."""
    import numpy as np

    begin, past = series
    if not isinstance(first, date) and not isinstance(last, date):
        return begin + (first or 0), past if last is None else min(begin + last + 1, past)
    if times is None:
        raise ValueError("days cannot be found among rows without times")
    days = times[begin:past]
    low = begin if first is None else begin + int(np.searchsorted(days, np.datetime64(first)))
    high = past if last is None else begin + int(np.searchsorted(days, np.datetime64(last) + np.timedelta64(1, "D")))
    return low, high


def _check_numbers(rule: Ranges, rows: int) -> None:
    for name in NAMES:
        highest = max(bound for bound in rule.of(name) if bound is not None)
        if highest >= rows:
            raise DataError(
                f"dataset.splits.{name} goes to row {highest:,}, but there are {rows:,} rows (0 to {rows - 1:,}); "
                "give other row numbers, or fractions such as splits: [0.6, 0.2, 0.2]"
            )
