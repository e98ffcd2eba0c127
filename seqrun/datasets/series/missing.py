"""Empty cells of series: an error, filled, or left out; always reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqrun.datasets.series.table import SeriesTable
from seqrun.errors import DataError
from seqrun.readable import counted


def without_missing(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table after its policy for empty cells, `reading.missing`; `interpolate` depends on the splits and is
    left.

    Raises DataError for empty cells under the policy `error`, and if no row remains.
    """
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
    """Return the table with empty cells interpolated linearly within each section, in time if there are times.

    At the ends of a section they get the nearest value. Rows of other sections are not used, because a split must know
    nothing of the next one. Raises DataError if a column has no value in a section.
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
