"""Times to the microsecond, in which all calendars are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.errors import DataError
from seqrun.readable import listed

if TYPE_CHECKING:
    from pandas import Series


def microseconds(path: Path, times: Series, series: np.ndarray | None = None) -> np.ndarray:
    """Return times without a zone as datetime64[us], (rows,).

    Raises DataError, naming the rows, for times of one of the `series` (rows,) that differ, but by less than that. With
    None they may.
    """
    exact = times.to_numpy()
    found = exact.astype("datetime64[us]")
    if series is None or (found == exact).all():
        return found
    order = np.lexsort((exact, series))
    one = (found[order][1:] == found[order][:-1]) & (series[order][1:] == series[order][:-1])
    alike = one & (exact[order][1:] != exact[order][:-1])
    if alike.any():
        where, rows = times.index.name, times.index[order]
        pairs = zip(rows[1:][alike], rows[:-1][alike], exact[order][1:][alike], strict=True)
        lines = listed(f"{where} {row} and {where} {other}: {time}" for row, other, time in pairs)
        raise DataError(
            f"{path}: times in {times.name} that differ by less than a microsecond, the finest step of dates:{lines}\n"
            "give them as numbers, such as nanoseconds from the first: dataset.time_format: number"
        )
    return found
