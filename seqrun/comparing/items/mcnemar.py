"""McNemar's test: whether two runs are right equally often, by the items of which one is right and one is wrong."""

from __future__ import annotations

import numpy as np

from seqrun.comparing.items.found import LEVEL, NORMAL_REACH, Found

NAME = "McNemar's exact test"
MOST_COUNTED = 5_000  # tosses, whose ways are counted one by one


def mcnemar(right: np.ndarray, other: np.ndarray) -> Found:
    """Return the test of the difference between two shares of right items, (items,) truth values each.

    p is exact, the binomial's, at any number of items: it costs nothing here, and the usual chi-squared is its
    approximation (McNemar, 1947). The interval is the adjusted Wald one of Bonett and Price (2012), which holds its
    level with few discordant pairs too (Fagerland, Lydersen and Laake, 2014); where p finds nothing, it reaches to 0.
    """
    n = len(right)
    wins, losses = int((right & ~other).sum()), int((other & ~right).sum())
    p = min(1.0, 2 * _at_most(min(wins, losses), wins + losses))
    won, lost = (wins + 1) / (n + 2), (losses + 1) / (n + 2)
    reach = NORMAL_REACH * np.sqrt((won + lost - (won - lost) ** 2) / (n + 2))
    low, high = max(-1.0, won - lost - reach), min(1.0, won - lost + reach)
    if p > 1 - LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    return Found(float(low), float(high), float(p))


def _at_most(heads: int, tosses: int) -> float:
    """Return how likely a fair coin shows heads at most so often, to the last digit."""
    if tosses > MOST_COUNTED:
        from scipy.special import bdtr  # here: to import it takes a fifth of a second

        return float(bdtr(heads, tosses, 0.5))
    ways = every = 1
    for number in range(1, heads + 1):
        ways = ways * (tosses - number + 1) // number
        every += ways
    return every / 2**tosses
