"""The times of rows, read from a table: dates as they are written, or numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.microseconds import microseconds
from seqrun.datasets.series.time_formats import ISO, likely_formats, with_months
from seqrun.datasets.series.whole_dates import FORMATS, as_whole_numbers, whole_dates
from seqrun.datasets.series.zones import (
    instants_of,
    left_out,
    second_time,
    wall_times,
    with_offsets,
    zone_of_offsets,
)
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import Series

NUMBER = "number"  # in place of a format: these are no dates
# What follows a time of day: Z, +02:00, +0200 or +02.
_OFFSET = r"(?:[T ]\d\d(?:\d\d){0,2}|:\d\d)(?:[.,]\d+)?(?:\s*[AaPp][Mm])?\s*([zZ]|[+-]\d\d(?::?\d\d){0,2})\s*$"
_UTC = "UTC"


@dataclass(frozen=True)
class Times:
    """When rows are, as instants and as the local calendar and clocks say it; both of one shape, mostly (rows,)."""

    instants: np.ndarray  # datetime64[us], those with an offset in UTC; or numbers
    wall: np.ndarray | None = None  # datetime64[us], local times; None: the instants, of which no zone is known
    zone: str | None = None  # of the local times; None: not known, or there are several offsets
    time_format: str | None = None  # in the file
    notes: tuple[str, ...] = ()

    @property
    def local(self) -> np.ndarray:
        """What the local calendar and clocks say, or numbers."""
        return self.instants if self.wall is None else self.wall

    def written(self) -> np.ndarray:
        """Return the times as results have them.

        Local times whose zone is known are text that ends in their offset; dates that the file writes as whole numbers
        are such numbers; others stay dates or numbers.
        """
        if self.wall is not None:
            return with_offsets(self.wall, self.instants)
        if self.time_format in FORMATS.values():
            return as_whole_numbers(self.instants, str(self.time_format))
        return self.instants

    def shown(self) -> list[str]:
        """Return the times as messages show them."""
        if self.wall is None and self.instants.dtype.kind == "M":
            return [text.replace("T", " ") for text in map(_short, self.instants.ravel())]
        return [str(time) for time in self.written().ravel().tolist()]


def _short(time: np.datetime64) -> str:
    return str(time.astype("M8[D]") if time == time.astype("M8[D]") else time.astype("M8[s]"))


def read_times(path: Path, column: Series, time_format: str | None, series: np.ndarray | None = None) -> Times:
    """Return the times of a table's rows.

    Numbers stay numbers, unless a format is given or all of them are dates (`whole_dates`); the format `number`
    keeps them as they are. Raises DataError, naming the rows, for missing and unreadable times, for those of which
    only some have a UTC offset, if day and month cannot be told apart, and if times of one of the `series` (rows,) that
    are given differ by less than a microsecond.
    """
    missing = column.isna() | (column == "")
    if missing.any():
        rows = listed(f"{column.index.name} {row}" for row in column.index[missing])
        mend = "" if missing.all() else "\nmend them, or leave them out with dataset.bad_rows: skip"
        raise DataError(f"{path}: no {column.name} in:{rows}{mend}")
    if column.dtype.name.startswith("period"):
        return Times(microseconds(path, column.dt.to_timestamp(), series))
    if column.dtype.kind == "M":
        return _of_dates(path, column, series)
    numbers = _numbers(column)
    if numbers is None:
        if time_format == NUMBER:
            raise DataError(f"{path}: dataset.time_format is number, but {column.name} holds {column.iloc[0]!r}")
        return _of_text(path, column, column.astype("str"), time_format, series)
    written = _whole(column)
    found = None if time_format is not None or written is None else whole_dates(written)
    if written is not None and found is not None and not found[1].any():
        times = _of_text(path, column, written, found[0], series)
        return replace(times, notes=(_taken_for_dates(path, written, found[0]),))
    if time_format in (None, NUMBER):
        notes = () if written is None or found is None else (_taken_for_numbers(path, written, *found),)
        return Times(numbers, time_format=NUMBER, notes=notes)
    return _of_text(path, column, column.astype("str") if written is None else written, time_format, series)


def without_time(path: Path, column: Series, time_format: str | None) -> np.ndarray:
    """Return which cells of a column are empty or cannot be read where most others can, (rows,) booleans."""
    import pandas as pd

    bad = (column.isna() | (column == "")).to_numpy(copy=True)
    if bad.all() or column.dtype.kind in "iufM" or column.dtype.name.startswith("period"):
        return bad
    written = column[~bad].astype("str")
    if time_format in (None, ISO):
        written = with_months(written)
    as_numbers = pd.to_numeric(written, errors="coerce").isna()
    if time_format in (None, NUMBER) and as_numbers.mean() < 0.5:  # half of them are numbers
        unread = as_numbers
    else:
        formats = [time_format] if time_format else likely_formats(path, written)
        tried = (pd.to_datetime(written, format=each, errors="coerce", utc=True).isna() for each in formats)
        unread = min(tried, key=lambda each: int(each.sum()))
    bad[~bad] = unread.to_numpy()
    return bad


def _taken_for_dates(path: Path, written: Series, time_format: str) -> str:
    return (
        f"{path}: whole numbers in {written.name}, such as {written.iloc[0]}, are read as dates: every one is a date "
        f"written {time_format} (dataset.time_format: '{time_format}' says so, time_format: {NUMBER} denies it)"
    )


def _taken_for_numbers(path: Path, written: Series, time_format: str, wrong: np.ndarray) -> str:
    rows = listed(f"{written.index.name} {row}: {number}" for row, number in written[wrong].items())
    return (
        f"{path}: whole numbers in {written.name}, such as {written.iloc[0]}, are read as numbers, though most are "
        f"dates written {time_format} (dataset.time_format: '{time_format}' has dates, time_format: {NUMBER} numbers); "
        f"these are none:{rows}"
    )


def _numbers(column: Series) -> np.ndarray | None:
    """Return the numbers that a column holds or that are written in it, integers if all are; None if some are none."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy()
    if pd.isna(pd.to_numeric(column.iloc[:1].astype("str"), errors="coerce")).any():  # most columns of text are dates
        return None
    found = pd.to_numeric(column.astype("str"), errors="coerce")
    return None if found.isna().any() else found.to_numpy()


def _whole(column: Series) -> Series | None:
    """Return whole numbers as text without a point; None if some are not whole."""
    if column.dtype.kind == "f":
        return column.astype("int64").astype("str") if (column % 1 == 0).all() else None
    written = column.astype("str").str.strip()
    written = written.str.replace(r"\.0*$", "", regex=True)
    return written if written.str.fullmatch(r"\d+").all() else None


def _of_dates(path: Path, column: Series, series: np.ndarray | None) -> Times:
    """Return the times of a column of dates, in UTC and on the local calendar of the column's own time zone."""
    zone = column.dt.tz
    if zone is None:
        return Times(microseconds(path, column, series))
    return Times(_utc(path, column, series), microseconds(path, column.dt.tz_localize(None)), str(zone))


def _of_text(path: Path, column: Series, written: Series, time_format: str | None, series: np.ndarray | None) -> Times:
    import pandas as pd

    if time_format in (None, ISO):
        written = with_months(written)
    formats = [time_format] if time_format else likely_formats(path, written)
    tried = {each: pd.to_datetime(written, format=each, errors="coerce", utc=True) for each in formats}
    best = min(tried, key=lambda each: int(tried[each].isna().sum()))
    _check_all_read(path, column, best, tried[best])
    if any(not found.isna().any() and (found != tried[best]).any() for found in tried.values()):
        raise DataError(
            f"{path}: the times in {column.name}, such as {written.iloc[0]!r}, fit both {' and '.join(tried)}: "
            "say with dataset.time_format which it is"
        )
    instants = _utc(path, tried[best], series)
    offsets = _offsets(path, written, best)
    if offsets is None:
        return Times(instants, time_format=best)
    different = offsets.unique()
    zone = _zone_name(int(different[0])) if len(different) == 1 else None
    wall = instants + offsets.to_numpy().astype("timedelta64[s]")
    times = Times(instants, wall.astype(instants.dtype), zone, best)
    return times if zone is not None else replace(times, notes=(_several_offsets(path, column, times),))


def _several_offsets(path: Path, column: Series, times: Times) -> str:
    likely = zone_of_offsets(times.local, times.instants) or "Europe/Berlin"
    return (
        f"{path}: the times in {column.name} have several UTC offsets; days and hours are taken as written, and "
        f"forecasts have the offset of the last row (dataset.time_zone, such as {likely}, says how it changes)"
    )


def in_zone(path: Path, column: Series, times: Times, zone: str, series: np.ndarray) -> Times:
    """Return the times in a zone: those with an offset converted to it, others as what clocks in it show.

    Of an hour that the clocks show twice, the order of the rows in each of the `series` (rows,) says which is which.
    Raises DataError for numbers, and for times, other than whole days, that the clocks leave out.
    """
    if times.instants.dtype.kind != "M":
        raise DataError(f"{path}: dataset.time_zone needs dates, but {column.name} holds numbers")
    if times.wall is not None:
        return Times(times.instants, wall_times(times.instants, zone), zone, times.time_format)
    wall = times.instants
    never = left_out(wall, zone)
    if never.any() and (wall != wall.astype("M8[D]")).any():
        lines = (f"{column.index.name} {row}: {value}" for row, value in column[never].items())
        raise DataError(
            f"{path}: {counted(int(never.sum()), 'time')} in {column.name} that clocks in {zone} leave out when they "
            f"are put forward:{listed(lines)}\ndataset.time_zone must be the zone of these times; one whose clocks are "
            "never changed is an offset, such as '+01:00'"
        )
    instants = instants_of(wall, zone, second_time(wall, series, zone))
    return replace(times, instants=instants, wall=wall, zone=zone)


def _offsets(path: Path, written: Series, time_format: str) -> Series | None:
    """Return the UTC offsets of times written in this format, in seconds (rows,); None if they have none."""
    import pandas as pd

    by_format = re.search("%[zZ]", time_format)
    if not by_format and time_format != ISO:
        return None
    signs = written.str.extract(_OFFSET, expand=False)
    without = signs.isna()
    if without.any() and by_format:  # they stand elsewhere, or are names
        zones = written.map(lambda time: pd.to_datetime(time, format=time_format).utcoffset())
        return None if zones.isna().all() else zones.dt.total_seconds().astype("int64")
    if without.all():
        return None
    if without.any():
        rows = listed(f"{written.index.name} {row}: {time!r}" for row, time in written[without].items())
        raise DataError(f"{path}: some times in {written.name} have a UTC offset, these have none:{rows}")
    seconds = {sign: _seconds(sign) for sign in signs.unique()}
    return signs.map(seconds).astype("int64")


def _seconds(sign: str) -> int:
    """Return the seconds of Z, +02:00, +0200 or +02."""
    digits = re.sub(r"\D", "", sign).ljust(6, "0")
    size = 3600 * int(digits[:2]) + 60 * int(digits[2:4]) + int(digits[4:6])
    return -size if sign.startswith("-") else size


def _zone_name(seconds: int) -> str:
    """Return the name of a fixed offset: UTC, +02:00."""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}" if seconds else _UTC


def _check_all_read(path: Path, column: Series, time_format: str, times: Series) -> None:
    """Raise DataError, naming the rows, if some of a column's `times` could not be read by the format."""
    wrong = times.isna().to_numpy()
    if wrong.any():
        where, skip = column.index.name, "" if wrong.all() else ", or leave them out with dataset.bad_rows: skip"
        lines = (f"{where} {row}: {value!r}" for row, value in zip(column.index[wrong], column[wrong], strict=True))
        raise DataError(
            f"{path}: {counted(int(wrong.sum()), 'time')} in {column.name} not written as {time_format}:"
            f"{listed(lines)}\nmend them{skip}; how times of a series are written is said so: "
            "dataset.time_format: '%d.%m.%Y %H:%M'"
        )


def _utc(path: Path, times: Series, series: np.ndarray | None) -> np.ndarray:
    return microseconds(path, times.dt.tz_convert("UTC").dt.tz_localize(None), series)
