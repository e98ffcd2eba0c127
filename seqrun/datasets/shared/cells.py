"""Cells of number columns as float64; every cell that is not a number is reported with its row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.shared.hints import hints
from seqrun.datasets.shared.layout import Layout
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def numbers(path: Path, frame: DataFrame, layout: Layout) -> DataFrame:
    """Return the table as float64, NaN where a cell is empty.

    Raises DataError that names every cell that is not a number, and the setting by which it may be one.
    """
    import pandas as pd

    faults: list[tuple[int, str, object]] = []
    columns = {}
    for name, column in frame.items():
        columns[name] = found = _as_numbers(column, layout)
        wrong = (~_finite(found) & column.notna()).to_numpy()
        faults += [(row, str(name), value) for row, value in zip(column.index[wrong], column[wrong], strict=True)]
    if faults:
        faults.sort(key=lambda fault: fault[0])
        lines = (f"{frame.index.name} {row}, {name}: {str(value)[:40]!r}" for row, name, value in faults)
        first = frame.index[0] if frame.index.name == "line" else None
        raise DataError(
            f"{path}: {counted(len(faults), 'cell')} of number columns without a number:{listed(lines)}\n"
            + hints([(row, str(value)) for row, _, value in faults], first, layout)
        )
    return pd.DataFrame(columns, copy=False)


def _as_numbers(column: Series, layout: Layout) -> Series:
    """Return the column as float64, NaN for cells that are not numbers."""
    import pandas as pd

    if column.dtype.kind in "iufb":
        return column.astype("float64")
    if column.dtype.kind in "mM":
        return pd.Series(float("nan"), column.index)
    column = column.astype("str") if column.dtype == object else column
    if layout.thousands is not None:
        column = _ungrouped(column, layout.thousands, layout.decimal)
    if layout.decimal != ".":  # then a point is no decimal point: 1.234 may mean 1,234
        column = column.str.replace(".", "?", regex=False).str.replace(layout.decimal, ".", regex=False)
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _ungrouped(column: Series, thousands: str, decimal: str) -> Series:
    """Return numbers without what groups their digits; a number whose groups are not of three stays as it is."""
    group, point = f"[{thousands}]", f"[{decimal}]"
    grouped = column.str.fullmatch(
        rf"\s*[+-]?\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d*)?(?:[eE][+-]?\d+)?\s*", na=False
    )
    plain = ~column.str.contains(thousands, regex=False, na=False)
    return column.where(grouped | plain, "?").str.replace(thousands, "", regex=False)


def _finite(column: Series) -> Series:
    return column.abs() < float("inf")
