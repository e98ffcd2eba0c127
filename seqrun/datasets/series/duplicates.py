"""Rows of one series that have the same time: an error, one of them, or their mean; always reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.series.zones import daylight_saving_zone
from seqrun.errors import DataError
from seqrun.readable import counted, listed


def without_duplicates(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table with one row for each time of a series, after its policy `reading.duplicates`, with a warning.

    Under the policy `error`, rows that say the same twice are left out, and rows that differ raise DataError.
    """
    times = table.known_times
    again = np.concatenate([[False], times[1:] == times[:-1]]) & ~table.starts_series
    if not again.any():
        return table
    if table.reading.duplicates != "error":
        return _one_of_each(path, table, again)
    rows = np.flatnonzero(again)
    values = table.frame.to_numpy()
    one, other = values[rows - 1], values[rows]
    differ = ~((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=1)
    if differ.any():
        raise DataError(
            f"{path}: different values at one {table.reading.time}:{_pairs(table, rows[differ], 'and')}\n"
            f"{_help(table, times[rows])}"
        )
    left_out = f"{path}: {counted(len(rows), 'row')} left out, said twice:{_pairs(table, rows, 'as')}"
    daylight = daylight_saving(table, twice=times[rows])
    return table.kept(~again).warned(f"{left_out}\n{daylight}" if daylight else left_out)


def _one_of_each(path: Path, table: SeriesTable, again: np.ndarray) -> SeriesTable:
    """Return the table with the first or last row of each time, or with the mean of all; `again` (rows,) says which
    rows have the time of the row before.
    """
    policy, rows = table.reading.duplicates, np.flatnonzero(again)
    last = ~np.append(again[1:], False)
    if policy == "mean":
        mean = table.frame.groupby(np.cumsum(~again)).transform("mean")  # of what is not empty
        table = replace(table, frame=mean)
    done = "one row for each is their mean" if policy == "mean" else f"the {policy} is kept"
    return table.kept(last if policy == "last" else ~again).warned(
        f"{path}: {counted(len(rows), 'row')} of the same time as another (duplicates: {policy}), of which {done}:"
        f"{_pairs(table, rows, 'and')}"
    )


def _help(table: SeriesTable, twice: np.ndarray) -> str:
    """Return the settings that would mend rows of one time."""
    daylight = daylight_saving(table, twice=twice)
    if daylight:
        return daylight
    several = "" if table.reading.series_id else "; if they are of several series, dataset.series_id names their column"
    return f"keep one row of each, or let dataset.duplicates: first (or last, mean) do it{several}"


def daylight_saving(
    table: SeriesTable, *, twice: np.ndarray | None = None, missing: np.ndarray | None = None
) -> str | None:
    """Return that local times stand twice, or are missing, because clocks are changed, and how to say so; else None."""
    if table.wall is not None or table.known_times.dtype.kind != "M":
        return None
    none = np.empty(0, "datetime64[us]")
    zone = daylight_saving_zone(none if twice is None else twice, none if missing is None else missing)
    if zone is None:
        return None
    what = "these times are missing, as at the beginning" if twice is None else "these times stand twice, as at the end"
    return f"{what} of daylight saving time: dataset.time_zone names their zone, such as {zone}"


def _pairs(table: SeriesTable, rows: np.ndarray, word: str) -> str:
    """Return a message's list of these rows, each with the row before it and its time."""
    numbered, where = table.frame.index, table.frame.index.name
    lines = zip(numbered[rows], numbered[rows - 1], table.times_of(rows).shown(), strict=True)
    return listed(f"{where} {row} {word} {where} {before}: {time}" for row, before, time in lines)
