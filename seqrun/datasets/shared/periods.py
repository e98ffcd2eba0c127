"""Parquet columns of pandas' periods (2020Q1, 2020-01), which pyarrow alone reads as their running numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame
    from pyarrow import Schema

EXTENSION = "pandas.period"  # as pandas calls the type in the file


def with_periods(frame: DataFrame, schema: Schema) -> DataFrame:
    """Return a table as read from a file of this schema, with periods in the columns that hold some.

    pyarrow knows the type only once pandas has told it; until then, a column holds numbers and its metadata say the
    periods' frequency.
    """
    import pandas as pd

    for name in frame.columns:
        metadata = schema.field(name).metadata or {}
        if metadata.get(b"ARROW:extension:name") == EXTENSION.encode():
            frequency = json.loads(metadata[b"ARROW:extension:metadata"])["freq"]
            there = frame[name].notna()
            kind = pd.PeriodDtype(frequency)
            periods = pd.Series(pd.NaT, index=frame.index, dtype=kind)
            periods[there] = pd.arrays.PeriodArray(frame.loc[there, name].to_numpy("int64"), dtype=kind)
            frame[name] = periods
    return frame
