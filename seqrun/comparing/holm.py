"""Many verdicts in one table: how sure all of them are together."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(p: Sequence[float], counted: int) -> list[float]:
    """Return Holm's adjusted p values, in the same order, of comparisons that are some of `counted` (Holm 1979).

    If as many are counted as there are, it is Holm's method as it stands. More are counted where the row that all
    others are compared with was chosen by the same figures: every pair of rows could then have been the one looked at.
    The values are then never below those that Holm's method would give over all pairs, for the r-th smallest of some
    is the r-th smallest of all at best.
    """
    found, least = [1.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda place: p[place])):
        least = max(least, min(1.0, (counted - rank) * p[place]))
        found[place] = least
    return found


def pairs(rows: int) -> int:
    """Return how many pairs there are of so many rows."""
    return rows * (rows - 1) // 2
