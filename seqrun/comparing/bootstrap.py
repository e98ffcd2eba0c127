"""The bootstrap interval of a difference over seeds, bias-corrected and accelerated (BCa; Efron 1987).

It is scipy.stats.bootstrap's method for means, which is checked against that, without importing scipy.stats: that
alone would take longer than the comparison of a few runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from seqrun.comparing.seeds import LEVEL, SeedDifference

if TYPE_CHECKING:
    from numpy import ndarray

RESAMPLES = 5000
FEWEST = 5  # runs of each row; the interval is far too short for fewer, and a little too short below 20
KEPT = 16  # numbers of runs whose resamples are kept, for rows with as many


def bootstrap_interval(found: SeedDifference, level: float = LEVEL) -> tuple[float, float] | None:
    """Return the BCa interval of the difference; None for fewer than FEWEST runs, and where nothing varies.

    Pairs are drawn as pairs, and runs that are not paired row by row. The draws are the same each time.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    if min(found.n) < FEWEST or not found.error:
        return None
    samples = _samples(found)
    drawn = reduce(np.add, [_weights(len(values), number) @ values for number, values in enumerate(samples)])
    counts = np.count_nonzero(drawn < found.difference), np.count_nonzero(drawn <= found.difference)
    below = sum(count / RESAMPLES for count in counts) / 2
    bias, acceleration = float(ndtri(below)), _acceleration(samples)
    if not math.isfinite(bias):
        return None
    borders = [bias + float(ndtri(tail)) for tail in (level / 2, 1 - level / 2)]
    tails = [float(ndtr(bias + border / (1 - acceleration * border))) for border in borders]
    low, high = (quantile_of(drawn, tail) for tail in tails)
    return low, high


def quantile_of(drawn: ndarray, probability: float) -> float:
    """Return what `numpy.quantile` does, to the last digit, in less time; the values change their order.

    A table has one for each row, and they are half of what its verdicts take.
    """
    place = probability * (len(drawn) - 1)
    below = int(place)
    above = min(below + 1, len(drawn) - 1)
    drawn.partition((below, above))
    low, high, part = float(drawn[below]), float(drawn[above]), place - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _samples(found: SeedDifference) -> list[Sequence[float]]:
    """Return the samples whose means add up to the difference."""
    if found.paired:
        return [[one - other for one, other in zip(found.row, found.reference, strict=True)]]
    return [found.row, [-value for value in found.reference]]


@lru_cache(maxsize=KEPT)
def _weights(n: int, number: int) -> ndarray:
    """Return how much each of n values counts in each resample, of the sample with this number: (resamples, n)."""
    import numpy as np

    return np.random.default_rng([n, number]).multinomial(n, [1 / n] * n, size=RESAMPLES) / n


def _acceleration(samples: Sequence[Sequence[float]]) -> float:
    """Return how fast the error of the sum of means changes with it, from the jackknife."""
    cubes = squares = 0.0
    for values in samples:
        mean = math.fsum(values) / len(values)
        cubes += math.fsum((value - mean) ** 3 for value in values) / len(values) ** 3
        squares += math.fsum((value - mean) ** 2 for value in values) / len(values) ** 2
    return cubes / (6 * squares**1.5)
