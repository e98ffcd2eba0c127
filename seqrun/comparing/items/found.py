"""What a test over items finds: an interval of the difference, and how likely so large a one is by chance."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.95
# From Python's own library: to import scipy's takes longer than all else that a comparison of two runs does.
NORMAL_REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard errors from the middle of an interval to its ends


class Found(NamedTuple):
    """The interval at LEVEL and the two-sided p of a test."""

    low: float
    high: float
    p: float


def by_t(difference: float, error: float, degrees: float) -> Found:
    """Return the interval and p of a difference with a standard error, by Student's t of so many degrees of freedom.

    Where all items differ by one and the same amount there is no error, and t would be certain after two of them: p is
    then that of the sign test of as many items as there are degrees, and one.
    """
    if error == 0:
        return Found(difference, difference, 2.0**-degrees if difference else 1.0)
    from scipy.special import stdtr, stdtrit

    reach = stdtrit(degrees, (1 + LEVEL) / 2) * error
    return Found(difference - reach, difference + reach, float(2 * stdtr(degrees, -abs(difference) / error)))


def by_normal(difference: float, error: float, items: int) -> Found:
    """Return the same by the normal distribution, of so many items."""
    if error == 0:
        return by_t(difference, error, items - 1)
    reach = NORMAL_REACH * error
    return Found(difference - reach, difference + reach, math.erfc(abs(difference) / error / math.sqrt(2)))
