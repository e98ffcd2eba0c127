"""A DataFrame as a Parquet file that the runs' readers read, with nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import InputError
from seqrun.readable import listed_names

if TYPE_CHECKING:
    import pandas as pd


def write_table(frame: pd.DataFrame, path: Path, time: str | None = None) -> None:
    """Write a table; named levels of its index become columns, and an unnamed index of times the column `time`.

    Raises InputError for a table that Parquet cannot hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = _with_index(frame, time)
    twice = frame.columns[frame.columns.duplicated()].map(str)
    if len(twice):
        raise InputError(f"the DataFrame has several columns called {listed_names([*dict.fromkeys(twice)])}")
    columns = {str(name): _plain(frame[name]) for name in frame.columns}
    try:
        table = pa.table({name: _arrow(column) for name, column in columns.items()})
    except pa.ArrowException:
        raise InputError(f"the DataFrame: {_unreadable(columns)}") from None
    pq.write_table(table, path)


def _with_index(frame: pd.DataFrame, time: str | None) -> pd.DataFrame:
    import pandas as pd

    index = frame.index
    if index.name is None and time is not None and time not in frame.columns and isinstance(index, pd.DatetimeIndex):
        frame = frame.rename_axis(time)
    elif isinstance(index, pd.PeriodIndex) and time is not None and time not in frame.columns:
        frame = frame.set_axis(index.to_timestamp()).rename_axis(str(index.name or time))
    wanted = [name for name in frame.index.names if name is not None and name not in frame.columns]
    dropped = [number for number, name in enumerate(frame.index.names) if name not in wanted]
    if not wanted:
        return frame
    return frame.reset_index(level=dropped, drop=True).reset_index() if dropped else frame.reset_index()


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as Parquet has it: categories and periods as what they stand for, arrays in cells as lists."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    if column.dtype == object and any(isinstance(cell, np.ndarray) and cell.ndim > 1 for cell in column):
        return column.map(lambda cell: cell.tolist() if isinstance(cell, np.ndarray) else cell)
    return column


def _arrow(column: pd.Series[Any]) -> Any:
    """Return a column as Arrow's; times keep their zone."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return pa.array(column, from_pandas=True)
    times = pa.array(column.dt.tz_convert(None).to_numpy(), from_pandas=True)  # in UTC
    return times.cast(pa.timestamp(column.dtype.unit, pa.lib.tzinfo_to_string(column.dtype.tz)))


def _unreadable(columns: dict[str, pd.Series[Any]]) -> str:
    """Return which column holds what no table of one type a column can."""
    import pyarrow as pa

    for name, column in columns.items():
        try:
            _arrow(column)
        except pa.ArrowException:
            kinds = listed_names([*dict.fromkeys(type(cell).__name__ for cell in column)])
            mend = f"make them of one type, such as .astype(str), or leave it out, .drop(columns={name!r})"
            return f"the column {name} holds values that no table's column can ({kinds}): {mend}"
    return "its columns are not of one length"
