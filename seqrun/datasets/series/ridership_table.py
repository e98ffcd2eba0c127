"""Converts the city's file of daily boardings to the columns that a network sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.reading import read_series
from seqrun.datasets.series.table import Reading, SeriesTable
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.scaling import Scale
from seqrun.datasets.shared.tables import read_table
from seqrun.errors import DataError
from seqrun.readable import listed

if TYPE_CHECKING:
    from pandas import Series

DAY_TYPES = ("A", "U", "W")  # Saturday, Sunday or holiday, weekday
FEATURES = ("bus", "rail", *DAY_TYPES)
SCALES = {"bus": Scale(0.0, 1e6), "rail": Scale(0.0, 1e6), **{day: Scale() for day in DAY_TYPES}}
READING = Reading("service_date", "%m/%d/%Y", gaps="keep")


def read_ridership(path: Path) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return a table of FEATURES for each day, boardings in rides, and separately the warnings from reading the file.

    The published file is unsorted and repeats some days, so these are no reason to warn of every run.
    """
    boardings = read_series(path, ["bus", "rail_boardings"], READING)
    types = _day_types(path, boardings)
    frame = boardings.frame.rename(columns={"rail_boardings": "rail"})
    tomorrow = _tomorrow(boardings.known_times, types)
    for day in DAY_TYPES:
        frame[day] = (tomorrow == day).astype(float)
    return replace(boardings, frame=frame, warnings=()), boardings.warnings


def _day_types(path: Path, table: SeriesTable) -> np.ndarray:
    """Return the type of each day, (rows,); raise DataError naming the rows without one."""
    found = read_table(path, ["day_type"], Layout(), text=["day_type"])
    column: Series = found.frame["day_type"].loc[table.frame.index]
    wrong = ~column.isin(DAY_TYPES)
    if wrong.any():
        lines = (f"{column.index.name} {row}: {value!r}" for row, value in column[wrong].items())
        raise DataError(f"{path}: day_type is none of {', '.join(DAY_TYPES)} in:{listed(lines)}")
    return column.to_numpy()


def _tomorrow(times: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Return the type of the day after each row, (rows,).

    If that day is not in the table, its type is the calendar's, which knows no holidays.
    """
    import pandas as pd

    days = pd.DatetimeIndex(times) + pd.Timedelta(days=1)
    known = pd.Series(types, index=pd.DatetimeIndex(times)).reindex(days)
    by_weekday = np.array(["W"] * 5 + ["A", "U"])[days.day_of_week]
    return known.fillna(pd.Series(by_weekday, index=days)).to_numpy()
