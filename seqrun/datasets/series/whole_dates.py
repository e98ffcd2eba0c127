"""Dates written as whole numbers, such as 20200131, told from row counters and seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pandas import Series

# By their digits: yyyymm, yyyymmdd, and with hours, minutes and seconds. Seconds since 1970 have 10 digits too, but
# those of 1970 to 2030 would be of a year 0 to 1899; milliseconds have 13.
FORMATS = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
FEW = 0.1  # of the numbers, that are none among dates: mistakes, or the numbers count something else
YEARS = ("1900", "2200")  # of what can be a date: from the first, to before the second


def whole_dates(written: Series) -> tuple[str, np.ndarray] | None:
    """Return the format of dates written as whole numbers (rows,), and which of the numbers are none, (rows,) booleans.

    Dates are of 1900 to 2199 and have 6, 8, 10, 12 or 14 digits, as many as the first number: 202001, 20200131,
    2020013123 and so on. None if most of the numbers are none. A row counter soon comes to such a one: 20200132.
    """
    import pandas as pd

    found = FORMATS.get(len(written.iloc[0]))
    if found is None or not YEARS[0] <= written.iloc[0] < YEARS[1]:
        return None
    as_long = (written.str.len() == len(written.iloc[0])) & (written >= YEARS[0]) & (written < YEARS[1])
    wrong = (~as_long | pd.to_datetime(written, format=found, errors="coerce").isna()).to_numpy()
    return (found, wrong) if wrong.mean() < FEW else None


def as_whole_numbers(times: np.ndarray, time_format: str) -> np.ndarray:
    """Return dates of any shape as the whole numbers that the format makes of them."""
    import pandas as pd

    written = pd.DatetimeIndex(times.ravel()).strftime(time_format)
    return written.to_numpy().astype(np.int64).reshape(times.shape)
