"""What a test over items finds: an interval of the difference, and how likely so large a one is by chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LEVEL = 0.95


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
    from scipy.special import stdtr, stdtrit

    if error == 0:
        return Found(difference, difference, 2.0**-degrees if difference else 1.0)
    reach = stdtrit(degrees, (1 + LEVEL) / 2) * error
    return Found(difference - reach, difference + reach, float(2 * stdtr(degrees, -abs(difference) / error)))


def by_normal(difference: float, error: float, items: int) -> Found:
    """Return the same by the normal distribution, of so many items."""
    return by_t(difference, error, np.inf if error else items - 1)
