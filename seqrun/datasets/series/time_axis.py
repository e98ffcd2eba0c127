"""The times of rows: read from a table, their frequency found, continued past the end."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import Series

ISO = "ISO8601"  # pandas' name for every form of 2016-12-31T23:59:59
NUMBER = r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?"
CALENDAR_STEPS = ("B", "MS", "ME", "QS", "QE", "YS", "YE")  # steps of unequal length, as pandas names them


def read_times(path: Path, column: Series, time_format: str | None) -> tuple[np.ndarray, str | None]:
    """Return the times of a table's rows, (rows,) datetime64[us] or numbers, and their format in the file.

    Numbers stay numbers unless a format is given; times with a UTC offset are converted to UTC. Raises DataError,
    naming the rows, for missing and unreadable times, and if day and month cannot be told apart.
    """
    import pandas as pd

    missing = column.isna() | (column == "")
    if missing.any():
        rows = column.index[missing]
        raise DataError(f"{path}: no {column.name} in:{listed(f'{column.index.name} {row}' for row in rows)}")
    if column.dtype.kind == "M":
        return _plain(column), None
    if time_format is None and (counts := _as_numbers(column)) is not None:
        return counts, None
    written = column.astype("str")
    formats = [time_format] if time_format else _formats(path, written)
    tried = {each: pd.to_datetime(written, format=each, errors="coerce", utc=True) for each in formats}
    best = min(tried, key=lambda each: int(tried[each].isna().sum()))
    _check_all_read(path, column, best, tried[best])
    if any(not found.isna().any() and (found != tried[best]).any() for found in tried.values()):
        raise DataError(
            f"{path}: the times in {column.name}, such as {written.iloc[0]!r}, fit both {' and '.join(tried)}: "
            "say with dataset.time_format which it is"
        )
    return _plain(tried[best]), best


def _as_numbers(column: Series) -> np.ndarray | None:
    """Return times that are numbers, or text in which all are; None for others."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy()
    try:
        return pd.to_numeric(column).to_numpy() if re.fullmatch(NUMBER, column.iloc[0]) else None
    except (ValueError, TypeError):
        return None


def _check_all_read(path: Path, column: Series, time_format: str, times: Series) -> None:
    """Raise DataError, naming the rows, if some of a column's `times` could not be read by the format."""
    wrong = times.isna().to_numpy()
    if wrong.any():
        where = column.index.name
        lines = (f"{where} {row}: {value!r}" for row, value in zip(column.index[wrong], column[wrong], strict=True))
        raise DataError(
            f"{path}: {counted(int(wrong.sum()), 'time')} in {column.name} not written as {time_format}:"
            f"{listed(lines)}\nmend them; of the dataset series, time_format says how times are written"
        )


def _plain(times: Series) -> np.ndarray:
    """Return the times as datetime64[us], those with a time zone in UTC."""
    if times.dt.tz is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return times.to_numpy().astype("datetime64[us]")


def _formats(path: Path, written: Series) -> list[str]:
    """Return the possible formats of the first time: one, or two if day and month can be exchanged."""
    from pandas.tseries.api import guess_datetime_format

    first = written.iloc[0]
    if re.match(r"\d{4}-\d\d", first):
        return [ISO]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of days above 12, which cannot be months
        found = [guess_datetime_format(first, dayfirst=dayfirst) for dayfirst in (False, True)]
    formats = [each for each in dict.fromkeys(found) if each]
    if not formats:
        raise DataError(
            f"{path}: {first!r}, in {written.name}, is no time that is written in a usual way; "
            "say with dataset.time_format how times are written, such as '%d.%m.%Y %H:%M'"
        )
    return formats


def find_frequency(times: np.ndarray, neighbours: np.ndarray) -> tuple[str | float | None, np.ndarray]:
    """Return the step between most rows, and the rows (gaps,) that do not follow the row before them by it.

    `times` (rows,) are sorted within each series; `neighbours` (rows,) says which rows have a row before them in their
    series. The step is a number, or for dates a pandas frequency such as "10min", "D" or "MS"; None if no row has a
    neighbour.
    """
    follows = np.flatnonzero(neighbours)
    if not len(follows):
        return None, follows
    differences = times[follows] - times[follows - 1]
    values, counts = np.unique(differences, return_counts=True)
    most = values[np.argmax(counts)]
    fits = differences == most
    if times.dtype.kind != "M":
        return most.item(), follows[~fits]
    step = _name(most)
    if not fits.all() and most >= np.timedelta64(1, "D"):
        for name in CALENDAR_STEPS:
            fits_too = _moved(times[follows - 1], name) == times[follows]
            if fits_too.sum() > fits.sum():
                step, fits = name, fits_too
    return step, follows[~fits]


def _name(difference: np.timedelta64) -> str:
    import pandas as pd

    return pd.tseries.frequencies.to_offset(pd.Timedelta(difference)).freqstr


def _moved(times: np.ndarray, step: str, count: int = 1) -> np.ndarray:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
        return (pd.DatetimeIndex(times) + count * pd.tseries.frequencies.to_offset(step)).to_numpy().astype(times.dtype)


def after(last: np.ndarray, step: str | float | None, delay: int, horizon: int) -> np.ndarray:
    """Return the times of the rows after the `last` rows (series,), skipping the first `delay`: (series, horizon).

    Raises DataError if the step is None, because no series has two rows.
    """
    if step is None:
        raise DataError("the step from row to row is not known: no series has two rows")
    counts = range(delay + 1, delay + horizon + 1)
    if last.dtype.kind == "M":
        return np.stack([_moved(last, str(step), count) for count in counts], axis=1)
    return last[:, None] + step * np.array(counts)
