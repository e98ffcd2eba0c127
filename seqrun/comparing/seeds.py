"""Whether two experiments differ over seeds: a t test of their runs' values, paired where the seeds are the same."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

Scores = Mapping[Hashable, float]  # seed -> value of the metric

LEVEL = 0.05  # of a verdict, and what a 95% interval leaves out
SHARED = 0.8  # of the longer row's seeds that must be the other's too, for the runs to be paired
EXACT = 1e-12  # a spread below this part of the values is rounding


@dataclass(frozen=True)
class SeedDifference:
    """The difference of two means over seeds, row minus reference, and how sure it is."""

    difference: float
    error: float  # standard error of the difference
    freedom: float  # degrees of freedom
    p: float  # two-sided, of no difference
    test: str
    deviation: float  # of the paired differences, or pooled of one run
    row: tuple[float, ...]  # the values that were compared; pairs stand at the same place
    reference: tuple[float, ...]
    paired: bool

    @property
    def n(self) -> tuple[int, int]:
        return len(self.row), len(self.reference)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the t interval of the difference that leaves out `level` on both sides together."""
        half = quantile(self.freedom, 1 - level / 2) * self.error if self.error else 0.0
        return self.difference - half, self.difference + half


def difference_over_seeds(row: Scores, reference: Scores) -> SeedDifference:
    """Return the difference of the means, with a test of it; both have two values at least.

    Runs are paired by seed where at least SHARED of the seeds of the longer row are the other's too; those alone then
    count. Else it is Welch's test for unequal spreads or Student's for equal ones, whichever is less sure: Welch's
    alone finds differences in noise where one row has two or three runs and the other many, Student's where the few
    vary more. Where the values have no spread at all (a metric in coarse steps, a model that does not depend on its
    seed), a t test would be certain after two runs; an exact test then decides, by the signs of the pairs or by
    permuting the runs.
    """
    shared = [seed for seed in row if seed in reference]
    if len(shared) > 1 and len(shared) >= SHARED * max(len(row), len(reference)):
        return _paired([row[seed] for seed in shared], [reference[seed] for seed in shared])
    return _unpaired([*row.values()], [*reference.values()])


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Return the t interval of a mean of two values or more."""
    half = quantile(len(values) - 1, 1 - level / 2) * math.sqrt(variance(values) / len(values))
    mean = mean_of(values)
    return mean - half, mean + half


def quantile(freedom: float, probability: float) -> float:
    """Return the value that Student's t stays below with this probability."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def two_sided(t: float, freedom: float) -> float:
    """Return how probable a t this far from 0 is, to both sides."""
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(t)))


def mean_of(values: Sequence[float]) -> float:
    """Return the mean of numbers; that of Python's statistics takes ten times as long."""
    return math.fsum(values) / len(values)


def variance(values: Sequence[float]) -> float:
    """Return the sample variance (n - 1)."""
    mean = mean_of(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def pooled(*rows: Sequence[float]) -> float:
    """Return the standard deviation of one run: the root of the mean variance of the rows."""
    return math.sqrt(mean_of([variance(values) for values in rows]))


def least_p(n: int, paired: bool, other: int | None = None) -> float:
    """Return the p of the exact test where all n runs lie on one side of the other row's, n too or `other`."""
    arrangements = 2**n if paired else math.comb(n + (other or n), n)
    return 2 / arrangements


def _paired(row: list[float], reference: list[float]) -> SeedDifference:
    differences = [one - other for one, other in zip(row, reference, strict=True)]
    difference, deviation = mean_of(differences), math.sqrt(variance(differences))
    n, compared = len(differences), (tuple(row), tuple(reference))
    if deviation <= EXACT * _size(row, reference):
        if len({*row}) == len({*reference}) == 1:  # the seed changes nothing: pairs are no better than any two runs
            return _unpaired(row, reference)
        difference = difference if abs(difference) > EXACT * _size(row, reference) else 0.0
        p = least_p(n, True) if difference else 1.0
        return SeedDifference(difference, 0.0, n - 1, p, "sign test by seed", 0.0, *compared, True)
    error = deviation / math.sqrt(n)
    p = two_sided(difference / error, n - 1)
    return SeedDifference(difference, error, n - 1, p, "t test paired by seed", deviation, *compared, True)


def _unpaired(row: list[float], reference: list[float]) -> SeedDifference:
    difference = mean_of(row) - mean_of(reference)
    variances, sizes = [variance(row), variance(reference)], [len(row), len(reference)]
    compared = (tuple(row), tuple(reference))
    if math.sqrt(sum(variances)) <= EXACT * _size(row, reference):
        difference = difference if abs(difference) > EXACT * _size(row, reference) else 0.0
        p = least_p(min(sizes), False, max(sizes)) if difference else 1.0
        return SeedDifference(difference, 0.0, sum(sizes) - 2, p, "permutation test", 0.0, *compared, False)
    tests = {"Welch's t test": _welch(variances, sizes), "Student's t test": _student(variances, sizes)}
    found = {name: two_sided(difference / error, freedom) for name, (error, freedom) in tests.items()}
    name = max(found, key=lambda name: found[name])
    return SeedDifference(difference, *tests[name], found[name], name, pooled(row, reference), *compared, False)


def _welch(variances: Sequence[float], sizes: Sequence[int]) -> tuple[float, float]:
    """Return the standard error of a difference of means and its degrees of freedom, for unequal spreads."""
    parts = [spread / size for spread, size in zip(variances, sizes, strict=True)]
    squares = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return math.sqrt(sum(parts)), sum(parts) ** 2 / squares


def _student(variances: Sequence[float], sizes: Sequence[int]) -> tuple[float, float]:
    """Return the same where the spreads are equal: each run then says as much of the spread as any other."""
    freedom = sum(sizes) - len(sizes)
    spread = sum(spread * (size - 1) for spread, size in zip(variances, sizes, strict=True)) / freedom
    return math.sqrt(spread * sum(1 / size for size in sizes)), freedom


def _size(*rows: Sequence[float]) -> float:
    return max(map(abs, chain(*rows)))
