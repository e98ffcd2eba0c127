"""Empty cells of series: an error, filled from the past alone, or left out; always reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.table import SeriesTable
from seqrun.errors import DataError
from seqrun.readable import counted

if TYPE_CHECKING:
    from pandas import DataFrame


def without_missing(path: Path, table: SeriesTable) -> SeriesTable:
    """Return the table after its policy for empty cells, `reading.missing`; `observed` says which cells were not empty.

    Where cells are filled, the last value before them stands in the frame; see `between` for what else `interpolate`
    does. Raises DataError for empty cells under the policy `error`, and if no row remains.
    """
    policy = table.reading.missing
    empty = table.frame.isna().to_numpy()
    if not empty.any():
        return table
    if policy == "error":
        raise DataError(
            f"{path}: {counted(int(empty.sum()), 'empty cell')}:{table.cells(empty)}\n"
            "fill them, or, of a series, let dataset.missing: ffill (or interpolate, drop) do it"
        )
    if policy == "drop":
        return _without_rows(path, table, np.asarray(empty.any(axis=1)), "for an empty cell")
    table = replace(table, frame=table.frame.groupby(table.codes).ffill(), observed=~empty).warned(
        f"{path}: {counted(int(empty.sum()), 'empty cell')} ({policy}), which are not measured:{table.cells(empty)}"
    )
    return _without_rows(path, table, np.asarray(table.frame.isna().to_numpy().any(axis=1)), "before the first value")


def _without_rows(path: Path, table: SeriesTable, rows: np.ndarray, why: str) -> SeriesTable:
    """Return the table without the rows of a mask, with a warning; raise DataError if none remains."""
    if rows.all():
        raise DataError(f"{path}: no row is without empty cells")
    if not rows.any():
        return table
    return table.kept(~rows).warned(f"{path}: {counted(int(rows.sum()), 'row')} left out {why}:{table.rows(rows)}")


def between(table: SeriesTable) -> tuple[DataFrame, np.ndarray] | None:
    """Return the frame with each empty cell on the line from the value before it to the next one, and that one's row.

    The rows, (rows, columns) int64, say from which on a forecast may know the cell; it is the cell's own where it was
    not empty, and past the last where no value follows. Lines are drawn in time if there are times. None unless the
    policy is `interpolate` and a cell is empty.
    """
    import pandas as pd

    if table.reading.missing != "interpolate" or table.observed is None:
        return None
    values = table.frame.to_numpy(copy=True)
    seen = table.observed | table.starts_series[:, None]  # what a series begins with is known
    ends = np.tile(np.arange(len(values))[:, None], values.shape[1])
    x = np.arange(len(values)) if table.times is None else table.times.astype(float)
    for first, past in table.bounds:
        for number in np.flatnonzero(~seen[first:past].all(axis=0)):
            there, gone = (first + np.flatnonzero(seen[first:past, number] == known) for known in (True, False))
            values[gone, number] = np.interp(x[gone], x[there], values[there, number])
            ends[gone, number] = np.append(there, len(values))[np.searchsorted(there, gone)]
    return pd.DataFrame(values, table.frame.index, table.frame.columns), ends
