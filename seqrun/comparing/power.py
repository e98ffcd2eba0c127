"""How many runs it takes to tell two experiments apart, or to say that they do not differ by what matters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from seqrun.comparing.seeds import LEVEL, least_p, quantile

POWER = 0.8  # the probability with which the runs needed decide it
MOST = 1_000_000  # runs of a row: more are never asked for


@dataclass(frozen=True)
class Plan:
    """A comparison of n runs with n, over seeds: how far the means are apart, and how much runs spread."""

    difference: float
    deviation: float  # of the paired differences, or of one run
    paired: bool

    def error(self, n: int) -> float:
        """Return the standard error of the difference."""
        return self.deviation * math.sqrt((1 if self.paired else 2) / n)

    def freedom(self, n: int) -> int:
        return n - 1 if self.paired else 2 * n - 2

    def power(self, n: int, level: float = LEVEL) -> float:
        """Return how probably a two-sided t test of n runs finds the difference (noncentral t)."""
        freedom, shift = self.freedom(n), abs(self.difference) / self.error(n)
        border = quantile(freedom, 1 - level / 2)
        return 1 - _below(freedom, shift, border) + _below(freedom, shift, -border)

    def power_of_tie(self, n: int, smallest: float, level: float = LEVEL) -> float:
        """Return how probably n runs show that the difference is smaller than `smallest` (two one-sided t tests)."""
        freedom, error = self.freedom(n), self.error(n)
        border = quantile(freedom, 1 - level)
        upper = _below(freedom, (abs(self.difference) - smallest) / error, -border)
        lower = _below(freedom, (abs(self.difference) + smallest) / error, border)
        return max(0.0, upper - lower)


def runs_in_all(plan: Plan, smallest: float, level: float = LEVEL) -> int | None:
    """Return how many runs of each row decide it with the probability POWER, if the plan's figures are the true ones.

    They either find the difference, at `level`, or show that it is smaller than `smallest`. Without any spread it is as
    many as the exact test asks for. None if it is more than MOST.
    """
    if not plan.deviation:
        return next(n for n in range(2, MOST) if least_p(n, plan.paired) < level)
    ways = []
    if plan.difference:
        start = _by_normal(plan, abs(plan.difference), level / 2)
        ways.append(_first(lambda n: plan.power(n, level), start))
    if abs(plan.difference) < smallest:
        start = _by_normal(plan, smallest - abs(plan.difference), LEVEL)
        ways.append(_first(lambda n: plan.power_of_tie(n, smallest), start))
    return min((found for found in ways if found is not None), default=None)


def _below(freedom: float, shift: float, border: float) -> float:
    """Return the probability that a noncentral t lies below the border."""
    from scipy.special import nctdtr

    found = float(nctdtr(freedom, shift, border))
    return found if math.isfinite(found) else float(border > shift)  # scipy has no number where it is 0 or 1 to 1e-9


def _by_normal(plan: Plan, distance: float, level: float) -> int:
    """Return about how many runs are needed if their spread were known; by a t test it takes a few more."""
    from scipy.special import ndtri

    runs = (plan.error(1) * float(ndtri(1 - level) + ndtri(POWER)) / distance) ** 2
    return max(2, math.ceil(min(runs, MOST + 1)))


def _first(power: Callable[[int], float], start: int) -> int | None:
    """Return the first number from `start` on with enough power; None if that is more than MOST."""
    low, high, step = start - 1, start, 1
    while high <= MOST and power(high) < POWER:
        low, high, step = high, high + step, 2 * step
    while high - low > 1 and high <= MOST:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high if high <= MOST else None
