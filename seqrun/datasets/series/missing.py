"""Empty cells of series: refused, filled or left out, and reported each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqrun.datasets.series.table import SeriesTable
from seqrun.errors import DataError
from seqrun.readable import counted


def without_missing(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table as its policy for empty cells has it: all but `interpolate`, which depends on the splits."""
    policy = table.reading.missing
    empty = table.frame.isna().to_numpy()
    if not empty.any() or policy == "interpolate":
        return table
    if policy == "error":
        raise DataError(
            f"{path}: {counted(int(empty.sum()), 'empty cell')}:{table.cells(empty)}\n"
            "fill them; the dataset series can do it: missing: interpolate, ffill or drop"
        )
    if policy == "ffill":
        table = replace(table, frame=table.frame.groupby(table.codes).ffill()).warned(_filled(path, table, empty))
        empty = table.frame.isna().to_numpy()
        if not empty.any():
            return table
    rows = np.asarray(empty.any(axis=1))
    why = "before the first value" if policy == "ffill" else "for an empty cell"
    if rows.all():
        raise DataError(f"{path}: no row is without empty cells")
    return table.kept(~rows).warned(f"{path}: {counted(int(rows.sum()), 'row')} left out {why}:{table.rows(rows)}")


def interpolated(path: Path, table: SeriesTable, sections: Iterable[tuple[int, int]]) -> SeriesTable:
    """Empty cells filled, each on a line between its neighbours in the same section, or with the nearest at its ends.

    No row of another section is looked at: a split must not know what comes in the next. Raises DataError if a section
    has no value of a column at all.
    """
    empty = table.frame.isna().to_numpy()
    if not empty.any():
        return table
    frame = table.frame.copy()
    for first, past in sections:
        if empty[first:past].any():
            part = frame.iloc[first:past]
            x = np.arange(past - first) if table.times is None else table.times[first:past].astype(float)
            for number, name in enumerate(part.columns):
                gone = empty[first:past, number]
                if gone.all():
                    rows = f"{frame.index.name}s {part.index[0]} to {part.index[-1]}"
                    raise DataError(
                        f"{path}: {name} has no value in {rows}, so there is nothing to interpolate between"
                    )
                frame.iloc[np.flatnonzero(gone) + first, number] = np.interp(
                    x[gone], x[~gone], part[name].to_numpy()[~gone]
                )
    return replace(table, frame=frame).warned(_filled(path, table, empty & frame.notna().to_numpy()))


def _filled(path: Path, table: SeriesTable, empty: np.ndarray) -> str:
    return f"{path}: {counted(int(empty.sum()), 'empty cell')} ({table.reading.missing}):{table.cells(empty)}"
