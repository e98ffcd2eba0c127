"""The rows of a table of several series by their names, which are as the file has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.shared.label_forms import differences
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.written import as_written
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame


def with_names(path: Path, frame: DataFrame, column: str | None, layout: Layout) -> tuple[DataFrame, tuple[str, ...]]:
    """Return the rows that name their series in this column (None: there is one series), and warnings.

    Raises DataError for other rows, unless `layout.bad_rows` has them left out.
    """
    if column is None:
        return frame, ()
    nameless = [name for name in frame[column].unique() if as_written(name) is None]
    without = frame[column].isin(nameless) | frame[column].isna()
    if not without.any():
        return frame, ()
    rows = listed(f"{frame.index.name} {row}" for row in frame.index[without])
    if layout.bad_rows == "error" or without.all():
        raise DataError(f"{path}: no {column} in:{rows}\nmend them, or leave them out with dataset.bad_rows: skip")
    count = counted(int(without.sum()), "row")
    return frame[~without], (f"{path}: {count} left out without {column} (bad_rows: skip):{rows}",)


def series_of(frame: DataFrame, column: str | None) -> tuple[tuple[str | None, ...], np.ndarray]:
    """Return the names of the series, in order of first appearance, and the series number of each row, (rows,).

    Names are as the file has them (`as_written`); values of one name are one series. Without a column there is one
    series, without a name.
    """
    import pandas as pd

    if column is None:
        return (None,), np.zeros(len(frame), np.int64)
    codes, values = pd.factorize(frame[column])
    numbers, names = pd.factorize(np.array([as_written(value) for value in values], object))
    return tuple(names), numbers[codes]


def name_doubts(path: Path, names: Sequence[str | None], codes: np.ndarray, column: str | None) -> tuple[str, ...]:
    """Return a warning of series whose names differ only in form, with the number of their rows, if there are any."""
    counts = dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True))
    lines = differences({name: count for name, count in counts.items() if name is not None})
    if not lines:
        return ()
    return (f"{path}: names in {column} that differ only in form are of different series:{listed(lines)}",)
