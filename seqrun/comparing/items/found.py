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
    """Return the interval and p of a difference with a standard error, by Student's t of so many degrees of freedom."""
    from scipy.special import stdtr, stdtrit

    reach = stdtrit(degrees, (1 + LEVEL) / 2) * error
    if error == 0:
        return Found(difference, difference, 1.0 if difference == 0 else 0.0)
    return Found(difference - reach, difference + reach, float(2 * stdtr(degrees, -abs(difference) / error)))


def by_normal(difference: float, error: float) -> Found:
    """Return the same by the normal distribution."""
    return by_t(difference, error, np.inf)
