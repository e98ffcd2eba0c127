"""Reads series from a table: sorted by time, without duplicates, with every gap reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.missing import without_missing
from seqrun.datasets.series.table import Reading, SeriesTable
from seqrun.datasets.series.time_axis import find_frequency, read_times
from seqrun.datasets.shared.cells import numbers
from seqrun.datasets.shared.tables import read_table
from seqrun.datasets.shared.written import as_written
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame


def read_series(path: Path, columns: Sequence[str] | None, reading: Reading) -> SeriesTable:
    """Return the series of a table, with these columns (None: all except those with a role in `reading`).

    Only empty cells that are to be interpolated remain. Raises DataError, naming rows, for cells that are not numbers,
    for empty cells that are not allowed, and for different rows with the same time.
    """
    special = [name for name in (reading.time, reading.series_id) if name is not None]
    wanted = None if columns is None else list(dict.fromkeys([*special, *columns]))
    read = read_table(path, wanted, reading.layout, text=special)
    raw = read.frame
    frame = numbers(path, raw.drop(columns=special), reading.layout)
    times = None
    if reading.time is not None:
        times, found = read_times(path, raw[reading.time], reading.time_format)
        reading = replace(reading, time_format=found)
    table = SeriesTable(frame, times, reading=reading, warnings=read.warnings, account=read.account)
    names, codes = _series(path, raw, reading.series_id)
    table = _ordered(path, table, names, codes)
    if times is not None and not reading.as_published:
        table = _without_duplicates(path, table)
    table = without_missing(path, table)
    return table if times is None else _with_frequency(path, table)


def _series(path: Path, raw: DataFrame, column: str | None) -> tuple[tuple[str | None, ...], np.ndarray]:
    """Return the names of the series, in order of first appearance, and the series number of each row, (rows,).

    Names are as the file has them (`as_written`); values of one name are one series.
    """
    import pandas as pd

    if column is None:
        return (None,), np.zeros(len(raw), np.int64)
    codes, values = pd.factorize(raw[column])
    numbers, names = pd.factorize(np.array([*map(as_written, values), None], object))  # None is -1, as in `codes`
    codes = numbers[codes]
    if (codes < 0).any():
        rows = raw.index[codes < 0]
        raise DataError(f"{path}: no {column} in:{listed(f'{raw.index.name} {row}' for row in rows)}")
    return tuple(names), codes


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
    return replace(table, frame=table.frame.iloc[order], times=None if table.times is None else table.times[order])


def _without_duplicates(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table without repeated rows, with a warning; raise DataError if rows of one time differ."""
    times = table.known_times
    again = np.concatenate([[False], times[1:] == times[:-1]]) & ~table.starts_series
    if not again.any():
        return table
    rows = np.flatnonzero(again)
    values = table.frame.to_numpy()
    one, other = values[rows - 1], values[rows]
    differ = ~((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=1)
    if differ.any():
        help = (
            "" if table.reading.series_id else "; if they are of several series, dataset.series_id names their column"
        )
        raise DataError(
            f"{path}: different values at one {table.reading.time}:{_pairs(table, rows[differ], 'and')}\n"
            f"keep one row of each{help}"
        )
    return table.kept(~again).warned(
        f"{path}: {counted(len(rows), 'row')} left out, said twice:{_pairs(table, rows, 'as')}"
    )


def _pairs(table: SeriesTable, rows: np.ndarray, word: str) -> str:
    """Return a message's list of these rows, each with the row before it and its time."""
    numbered, where, times = table.frame.index, table.frame.index.name, table.known_times
    return listed(f"{where} {numbered[row]} {word} {where} {numbered[row - 1]}: {_shown(times[row])}" for row in rows)


def _shown(time: np.datetime64 | float) -> str:
    import pandas as pd

    return str(pd.Timestamp(time)).removesuffix(" 00:00:00") if isinstance(time, np.datetime64) else str(time)


def _with_frequency(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table with the frequency of its rows, and a warning about rows that do not follow it."""
    times = table.known_times
    frequency, gaps = find_frequency(times, ~table.starts_series)
    table = replace(table, frequency=frequency)
    if table.reading.as_published or not len(gaps):
        return table
    where, index = table.frame.index.name, table.frame.index
    lines = (f"{where} {index[row]}: {_shown(times[row])} comes after {_shown(times[row - 1])}" for row in gaps)
    return table.warned(
        f"{path}: most rows are {frequency} apart, {len(gaps):,} are not; windows take them as neighbours all the same:"
        f"{listed(lines)}"
    )
