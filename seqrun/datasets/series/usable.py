"""The rows of a table that can be used as those of series: with a name, a time and numbers, each where it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.series.names import with_names
from seqrun.datasets.series.table import Reading
from seqrun.datasets.series.time_axis import read_times, without_time
from seqrun.datasets.shared.cells import numbers
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame


def usable_rows(path: Path, table: DataFrame, reading: Reading) -> tuple[DataFrame, DataFrame, tuple[str, ...]]:
    """Return the columns with a role in `reading`, the others as float64, and warnings.

    Rows without a name or time, or with a cell that is no number, are left out if `layout.bad_rows` says so. Else
    raises DataError that tells of all of them, and of times that cannot be read.
    """
    special = [name for name in (reading.time, reading.series_id) if name is not None]
    try:
        raw, nameless = with_names(path, table, reading.series_id, reading.layout)
        raw, timeless = _with_times(path, raw, reading)
        frame, bad = numbers(path, raw.drop(columns=special), reading.layout)
    except DataError as error:
        raise _all_faults(path, table, special, reading) from error
    if len(frame) < len(raw):
        raw = raw.loc[frame.index]
    return raw[special], frame, (*nameless, *timeless, *bad)


def _with_times(path: Path, frame: DataFrame, reading: Reading) -> tuple[DataFrame, tuple[str, ...]]:
    """Return the rows without those that have no time, if they may be left out, with a warning."""
    if reading.time is None or reading.layout.bad_rows == "error":  # reading the times tells of them
        return frame, ()
    column = frame[reading.time]
    bad = without_time(path, column, reading.time_format)
    if not bad.any() or bad.all():
        return frame, ()
    rows = listed(f"{column.index.name} {row}: {cell!r}" for row, cell in column[bad].items())
    count = counted(int(bad.sum()), "row")
    return frame[~bad], (f"{path}: {count} left out without a time in {column.name} (bad_rows: skip):{rows}",)


def _all_faults(path: Path, table: DataFrame, special: list[str], reading: Reading) -> DataError:
    """Return one error of all that is wrong with a table's cells."""
    checks: list[Callable[[], object]] = [
        lambda: with_names(path, table, reading.series_id, reading.layout),
        lambda: numbers(path, table.drop(columns=special), reading.layout),
    ]
    if reading.time is not None:
        times, time_format = table[reading.time], reading.time_format
        checks.append(lambda: read_times(path, times, time_format))
    told = []
    for check in checks:
        try:
            check()
        except DataError as error:
            told.append(str(error))
    return DataError("\n".join(told))
