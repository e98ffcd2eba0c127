"""The formats in which times are written: what a first one suggests."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import Series

ISO = "ISO8601"  # pandas' name for every form of 2016-12-31T23:59:59
_QUARTER = r"(\d{4})[- ]?[Qq]([1-4])"  # 2020Q1 and 2020-Q1, as pandas and others write them
_TWELVE = re.compile(r"\b12(?=(:\d\d)*(\.\d+)?\s*[AaPp][Mm]\b)")  # o'clock


def likely_formats(path: Path, written: Series) -> list[str]:
    """Return the possible formats of the first cell with a digit: one, or two if day and month can be exchanged.

    After a year that comes first, the month is next.
    """
    import pandas as pd
    from pandas.tseries.api import guess_datetime_format

    some = written[written.str.contains(r"\d")]
    row, first = next(iter((some if len(some) else written).items()))
    iso = bool(re.match(r"\d{4}-\d\d", first))
    if iso and pd.notna(pd.to_datetime(first, format=ISO, errors="coerce", utc=True)):
        return [ISO]
    alike = _TWELVE.sub("11", first)  # pandas finds no format of 12:00 AM, which is hour 0
    orders = (False,) if re.match(r"\d{4}\D", first) else (False, True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of days above 12, which cannot be months
        found = [guess_datetime_format(alike, dayfirst=dayfirst) for dayfirst in orders]
    found += [each.replace("%B", "%b") for each in found if each]  # May is both
    formats = [each for each in dict.fromkeys(found) if each] or [ISO] * iso
    if not formats:
        raise DataError(
            f"{path}: {written.index.name} {row}: {first!r}, in {written.name}, is no time that is written in a usual "
            "way; say with dataset.time_format how times are written, such as '%d.%m.%Y %H:%M'"
        )
    return formats


def with_months(written: Series) -> Series:
    """Return written times with the first month in place of each quarter: 2020-04 for 2020Q2."""
    return written.str.replace(_QUARTER, lambda found: f"{found[1]}-{3 * int(found[2]) - 2:02}", regex=True)
