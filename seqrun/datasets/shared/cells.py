"""Cells of number columns as float64; every cell that is not a number is reported with its row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.shared.delimited import read_delimited
from seqrun.datasets.shared.hints import hints
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.written_numbers import flag_numbers, plain_numbers
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def numbers(path: Path, frame: DataFrame, layout: Layout) -> tuple[DataFrame, tuple[str, ...]]:
    """Return the table as float64, NaN where a cell is empty, and warnings.

    Rows with cells that are not numbers are left out, with a warning, if `layout.bad_rows` says so. Else raises
    DataError that names every such cell, and the setting by which it may be a number.
    """
    import pandas as pd

    faults: list[tuple[int, str, object]] = []
    columns = {}
    bad = np.zeros(len(frame), bool)  # (rows,)
    for name, column in frame.items():
        columns[name] = found = _as_numbers(column, layout)
        wrong = (~_finite(found) & column.notna()).to_numpy()
        faults += [(row, str(name), value) for row, value in zip(column.index[wrong], column[wrong], strict=True)]
        bad |= wrong
    table = pd.DataFrame(columns, frame.index, copy=False)
    if not faults:
        return table, ()
    faults = _as_written(path, sorted(faults, key=lambda fault: fault[0]), frame.index.name, layout)
    cells = listed(f"{frame.index.name} {row}, {name}: {str(value)[:40]!r}" for row, name, value in faults)
    if layout.bad_rows == "skip" and not bad.all():
        rows = counted(int(bad.sum()), "row")
        return table[~bad], (f"{path}: {rows} left out for cells without a number (bad_rows: skip):{cells}",)
    first = frame.index[0] if frame.index.name == "line" else None
    raise DataError(
        f"{path}: {counted(len(faults), 'cell')} of number columns without a number:{cells}\n"
        + hints([(row, str(value)) for row, _, value in faults], first, layout)
    )


def _as_written(
    path: Path, faults: list[tuple[int, str, object]], index: object, layout: Layout
) -> list[tuple[int, str, object]]:
    """Return faulty cells as they stand in a CSV or TSV file: of 1e400, which no float64 holds, only inf was left."""
    infinite = {row for row, _, value in faults if not isinstance(value, str)}
    if index != "line" or not infinite:
        return faults
    found = read_delimited(path, layout)
    lines = {
        each.line: dict(zip(found.header, each.cells, strict=False)) for each in found.rows if each.line in infinite
    }
    return [
        (row, name, value if isinstance(value, str) else lines.get(row, {}).get(name, value))
        for row, name, value in faults
    ]


def _as_numbers(column: Series, layout: Layout) -> Series:
    """Return the column as float64, NaN for cells that are not numbers."""
    import pandas as pd

    if column.dtype.kind in "iufb":
        return column.astype("float64")
    if column.dtype.kind in "mM":
        return pd.Series(float("nan"), column.index)
    if column.dtype == object:
        column = column.astype("str").where(column.notna())  # pandas 2 writes nan for what is empty
    if (flags := flag_numbers(column)) is not None:
        return flags
    column = plain_numbers(column, layout)
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _finite(column: Series) -> Series:
    return column.abs() < float("inf")
