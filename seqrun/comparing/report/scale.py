"""An axis: where a value lies on it, and which round numbers it is labelled with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seqrun.rundir.shapes import LARGEST

LOGARITHMIC_FROM = 50.0  # the largest value over the smallest
ROUND = (1, 2, 5)


def drawable(value: float) -> bool:
    """Return whether a value has a place on an axis: it is a number, and no differences of such overflow."""
    return abs(value) <= LARGEST


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, that is `length` long."""

    low: float
    high: float
    length: float
    logarithmic: bool = False

    @classmethod
    def of(cls, values: Sequence[float], length: float, *, may_be_logarithmic: bool = True) -> Scale:
        """Return an axis with room for the values, of which there is at least one.

        It is logarithmic, where it may, if they are all positive and of unlike sizes.
        """
        low, high = min(values), max(values)
        if may_be_logarithmic and low > 0 and high > LOGARITHMIC_FROM * low:
            return cls(low, high, length, logarithmic=True)
        room = 0.04 * (high - low) or abs(high) * 0.1 or 1.0
        return cls(low - room, high + room, length)

    def at(self, value: float) -> float:
        """Return how far from its beginning the value lies."""
        if self.logarithmic:
            return self.length * (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return self.length * (value - self.low) / (self.high - self.low)

    def ticks(self, about: int = 5) -> list[float]:
        """Return round numbers on the axis, some `about` of them."""
        if self.logarithmic:
            return self._decades(about)
        step = _round_up((self.high - self.low) / about)
        first = math.ceil(self.low / step)
        return [number * step for number in range(first, math.floor(self.high / step) + 1)]

    def _decades(self, about: int) -> list[float]:
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for digits in (ROUND, (1, 3), (1,)):
            found = [digit * 10.0**each for each in exponents for digit in digits]
            found = [value for value in found if self.low <= value <= self.high]
            if len(found) <= 2 * about:
                return found
        return found[:: -(-len(found) // about)]


def whole(ticks: Sequence[float]) -> list[int]:
    """Return those ticks that are whole numbers."""
    return [round(tick) for tick in ticks if math.isclose(tick, round(tick), abs_tol=1e-9)]


def _round_up(value: float) -> float:
    """Return the next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((digit * power for digit in ROUND if digit * power >= value * (1 - 1e-9)), 10 * power)
