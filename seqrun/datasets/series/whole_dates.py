"""Dates written as whole numbers, such as 20200131, told from row counters and seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pandas import Series

# By their digits: yyyymm, yyyymmdd, and with hours, minutes and seconds. Seconds since 1970 have 10 digits too, but
# those of 1970 to 2030 would be of a year 0 to 1899; milliseconds have 13.
FORMATS = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
YEARS = ("1900", "2200")  # of what can be a date: from the first, to before the second


def whole_date_format(written: Series) -> str | None:
    """Return the format of whole numbers (rows,), written as text, if every one is a date of 1900 to 2199; else None.

    They have 6, 8, 10, 12 or 14 digits, all as many: 202001, 20200131, 2020013123 and so on. A row counter soon comes
    to a number that is no date, such as 20200132.
    """
    import pandas as pd

    digits = written.str.len()
    found = FORMATS.get(int(digits.iloc[0]))
    if found is None or (digits != digits.iloc[0]).any() or not written.str.fullmatch(r"\d+").all():
        return None
    if written.min() < YEARS[0] or written.max() >= YEARS[1]:
        return None
    return found if pd.to_datetime(written, format=found, errors="coerce").notna().all() else None


def as_whole_numbers(times: np.ndarray, time_format: str) -> np.ndarray:
    """Return dates of any shape as the whole numbers that the format makes of them."""
    import pandas as pd

    written = pd.DatetimeIndex(times.ravel()).strftime(time_format)
    return written.to_numpy().astype(np.int64).reshape(times.shape)
