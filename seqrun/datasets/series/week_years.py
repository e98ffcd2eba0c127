"""The steps of years and quarters of whole weeks (52 or 53, 13 or 14), which end on one weekday, as pandas has them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seqrun.datasets.series.days import DAY, MONTHS, WEEKDAYS, most, weekdays

WEEK = 7 * DAY
YEARS, QUARTERS = (52, 53), (13, 14)  # weeks of a shorter one and a longer one
_ENDS = {"L": 0 * DAY, "N": 3 * DAY}  # on the last such weekday of a month, or the nearest to its end, 3 days past it


def week_years(before: np.ndarray, after: np.ndarray) -> Iterator[str]:
    """Yield the steps that may lead from each of the times `before` to that of `after`, (pairs,).

    Those are the fiscal years of retail, called FY5253 by pandas; which year or quarter is longer is seen by one that
    is so.
    """
    passed, day = after - before, weekdays(after)
    if (day != day[0]).any():
        return
    weekday = WEEKDAYS[int(day[0])].upper()
    for (usual, longer), name in ((YEARS, "RE"), (QUARTERS, "REQ")):
        longer_ones = passed == longer * WEEK
        if most(passed) != usual * WEEK or not longer_ones.any():
            continue
        for letter, past in _ENDS.items():
            months = _months(after - past)
            there, counts = np.unique(months, return_counts=True)
            for month in there[2 * counts >= counts.max()].tolist():  # each year has its end
                quarter = round((int(most(months[longer_ones])) - month) % 12 / 3) or 4  # that is longer
                yield f"{name}-{letter}-{MONTHS[month]}-{weekday}" + (f"-{quarter}" if name == "REQ" else "")


def _months(times: np.ndarray) -> np.ndarray:
    """Return the month of each time, January is 0."""
    return times.astype("M8[M]").astype(np.int64) % 12
