"""Reads series from a table: sorted by time, without duplicates, with every gap reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.duplicates import without_duplicates
from seqrun.datasets.series.gaps import filled, with_gaps
from seqrun.datasets.series.missing import without_missing
from seqrun.datasets.series.names import name_doubts, series_of
from seqrun.datasets.series.steps import Frequency
from seqrun.datasets.series.table import Reading, SeriesTable
from seqrun.datasets.series.time_axis import in_zone, read_times
from seqrun.datasets.series.usable import usable_rows
from seqrun.datasets.series.zones import midnights
from seqrun.datasets.shared.tables import read_table
from seqrun.readable import counted

if TYPE_CHECKING:
    from pandas import Series


def read_series(
    path: Path, columns: Sequence[str] | None, reading: Reading, frequency: Frequency = None
) -> SeriesTable:
    """Return the series of a table, with these columns (None: all except those with a role in `reading`).

    Only empty cells that are to be interpolated remain. `frequency` is the step that the rows must have; None: it is
    found. Raises DataError, naming rows, for cells that are not numbers, for empty cells that are not allowed, for
    different rows with the same time, and for rows of another frequency.
    """
    special = [name for name in (reading.time, reading.series_id) if name is not None]
    wanted = None if columns is None else list(dict.fromkeys([*special, *columns]))
    read = read_table(path, wanted, reading.layout, text=special)
    raw, frame, left_out = usable_rows(path, read.frame, reading)
    names, codes = series_of(raw, reading.series_id)
    warnings = (*read.warnings, *left_out, *name_doubts(path, names, codes, reading.series_id))
    table = SeriesTable(frame, None, reading=reading, warnings=warnings, account=read.account)
    if reading.time is not None:
        table = _timed(path, table, raw[reading.time], codes)
    table = _ordered(path, table, names, codes)
    if table.times is None:
        return without_missing(path, table)
    if not reading.as_published:
        table = without_duplicates(path, table)
        table = filled(path, table, frequency) if reading.gaps == "fill" else table
    return with_gaps(path, without_missing(path, table), frequency)


def _timed(path: Path, table: SeriesTable, column: Series, series: np.ndarray) -> SeriesTable:
    """Return the table with the times in a column; `series` (rows,) says which series each row is of."""
    reading = table.reading
    times = read_times(path, column, reading.time_format, series)
    notes = times.notes
    if reading.in_utc:
        times, notes = replace(times, wall=None, zone=None), ()
    elif reading.time_zone is not None:
        times, notes = in_zone(path, column, times, reading.time_zone, series), ()
    if times.wall is not None and times.zone is not None:
        times = replace(times, wall=midnights(times.wall, times.instants, times.zone))
    reading = replace(reading, time_format=times.time_format, time_zone=times.zone)
    return replace(table, times=times.instants, wall=times.wall, reading=reading).warned(*notes)


def _ordered(path: Path, table: SeriesTable, names: tuple[str | None, ...], codes: np.ndarray) -> SeriesTable:
    """Return the table sorted by series, then by time, with a warning if the file is not sorted so."""
    past = np.cumsum(np.bincount(codes, minlength=len(names)))
    bounds = tuple((int(low), int(high)) for low, high in zip([0, *past[:-1]], past, strict=True))
    grouped = np.argsort(codes, kind="stable")
    table = replace(_taken(table, grouped), names=names, bounds=bounds)
    if table.times is None or table.reading.as_published:
        return table
    back = ~table.starts_series[1:] & (table.times[1:] < table.times[:-1])
    if not back.any():
        return table
    goes_back = f"{counted(int(back.sum()), 'time')}:{table.rows(np.flatnonzero(back) + 1)}"
    warning = f"{path}: not in the order of {table.reading.time}, so sorted by it; it goes back {goes_back}"
    by_time = np.lexsort((table.times, codes[grouped]))
    return _taken(table, by_time).warned(warning)


def _taken(table: SeriesTable, order: np.ndarray) -> SeriesTable:
    if (order[1:] > order[:-1]).all():
        return table
    times, wall = (None if each is None else each[order] for each in (table.times, table.wall))
    return replace(table, frame=table.frame.iloc[order], times=times, wall=wall)
