"""The rows of series as values: columns of numbers, the time of each row, and where each series begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.splits import Segments
from seqrun.datasets.series.time_axis import Times
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.fields import Duplicates, Gaps, Missing
from seqrun.datasets.shared.layout import Layout
from seqrun.readable import listed

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Reading:
    """How a table is read: its columns with a role, and what is done about empty cells."""

    time: str | None = None  # the column; None: rows are in order, and their time is their number
    time_format: str | None = None  # as strptime has it; None: found
    series_id: str | None = None  # the column that says which series a row is of
    missing: Missing = "error"
    layout: Layout = field(default_factory=Layout)
    time_zone: str | None = None  # of the local times; None: the file's own, if it has one
    gaps: Gaps = "break"
    duplicates: Duplicates = "error"
    in_utc: bool = False  # times with an offset are taken as UTC says them, as runs did once that know no `time_zone`
    as_published: bool = False  # rows stand as in the file, whatever their times say


@dataclass(frozen=True)
class SeriesTable:
    """The rows of all series, one series after another, each sorted by time."""

    frame: DataFrame  # (rows, columns) float64; the index is each row's line or number in the file
    times: np.ndarray | None  # (rows,) datetime64, in UTC if their zone is known, or numbers
    names: tuple[str | None, ...] = (None,)  # of each series; None: there is one, without a name
    bounds: Segments = ()  # of each series
    frequency: str | float | None = 1  # from row to row, as `find_frequency` says it
    wall: np.ndarray | None = None  # (rows,) datetime64, what the local calendar and clocks say; None: `times`
    gaps: np.ndarray | None = None  # (gaps,) rows over whose beginning no window reaches
    reading: Reading = field(default_factory=Reading)  # with the time format and zone that were found
    warnings: tuple[str, ...] = ()
    account: Account = field(default_factory=Account)  # of reading the file
    observed: np.ndarray | None = None  # (rows, columns) booleans: the file has the value; None: it has all

    @property
    def known_times(self) -> np.ndarray:
        """The time of each row, (rows,), of a table that has times."""
        if self.times is None:
            raise ValueError("the rows of this table have no times")
        return self.times

    @property
    def local_times(self) -> np.ndarray | None:
        """What the local calendar and clocks say of each row, (rows,), or its number; None without times."""
        return self.times if self.wall is None else self.wall

    def times_of(self, rows: np.ndarray) -> Times:
        """Return the times of rows, of the same shape."""
        wall = None if self.wall is None else self.wall[rows]
        return Times(self.known_times[rows], wall, self.reading.time_zone, self.reading.time_format)

    @property
    def starts_series(self) -> np.ndarray:
        """Whether a row is the first of its series, (rows,) booleans."""
        first = np.zeros(len(self.frame), bool)
        first[[low for low, _ in self.bounds]] = True
        return first

    def kept(self, rows: np.ndarray) -> SeriesTable:
        """Return only the rows of a mask (rows,); a series without rows is dropped."""
        past = np.concatenate([[0], np.cumsum(rows)])
        bounds = [(int(past[low]), int(past[high])) for low, high in self.bounds]
        there = [number for number, (low, high) in enumerate(bounds) if low < high]
        return replace(
            self,
            frame=self.frame[rows],
            times=None if self.times is None else self.times[rows],
            wall=None if self.wall is None else self.wall[rows],
            names=tuple(self.names[number] for number in there),
            bounds=tuple(bounds[number] for number in there),
            observed=None if self.observed is None else self.observed[rows],
        )

    def has(self, columns: Sequence[str]) -> np.ndarray | None:
        """Return which values of these columns the file has, (rows, columns) booleans; None if it has all."""
        if self.observed is None:
            return None
        found = self.observed[:, [list(self.frame.columns).index(name) for name in columns]]
        return None if found.all() else found

    def warned(self, *warnings: str) -> SeriesTable:
        """Return the table with more warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))

    @property
    def codes(self) -> np.ndarray:
        """The number of each row's series, (rows,)."""
        return np.cumsum(self.starts_series)

    def rows(self, chosen: np.ndarray) -> str:
        """Return rows, given as a mask or as numbers, as a list for a message."""
        index = self.frame.index
        return listed(f"{index.name} {row}" for row in index[chosen])

    def cells(self, chosen: np.ndarray) -> str:
        """Return cells, given as a mask (rows, columns), as a list for a message."""
        index, names = self.frame.index, self.frame.columns
        pairs = zip(*np.nonzero(chosen), strict=True)
        return listed(f"{index.name} {index[row]}, {names[column]}" for row, column in pairs)
