"""The paired bootstrap: how a difference between metrics varies if the items of the test split are drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqrun.comparing.items.found import LEVEL, Found, by_t
from seqrun.tasks.items import Measure, Order

NAME = "paired bootstrap"
RESAMPLES = 1000
SEED = 0  # the same runs have the same interval whenever they are compared
AT_ONCE = 2**21  # weights in memory
MOST_UNDEFINED = 0.05  # of the resamples, in which the metric may be undefined
FEWEST = 4  # blocks in a resample
MANY = 20  # series: from as many on whole series are drawn, else blocks of them


@dataclass(frozen=True)
class Draws:
    """What is drawn together: single items, blocks of neighbours, or whole series."""

    blocks: np.ndarray | None  # (starts, length) the items of each block; None: an item is a block
    series: np.ndarray | None  # (items,) the number of what is drawn whole; None: nothing is
    units: int  # how many draws there are in a resample
    note: str = ""

    @classmethod
    def of(cls, items: int, order: Order | None) -> Draws:
        """Return what is drawn of items with this order."""
        if order is None or order.independent:
            return cls(None, None, items)
        series = int(order.segments.max()) + 1
        if series >= MANY:
            return cls(None, order.segments, series, f"whole series are drawn, of {series:,}")
        length = max(1, min(order.lags + 1 + 2 * round(items ** (1 / 3)), items // FEWEST))
        blocks, units = _circular(order.segments, length), -(-items // length)
        told = f"{units:,} blocks of {length:,} windows are drawn: {order.lags + 1:,} of them overlap, and some more"
        return cls(blocks, None, units, told)

    def weights(self, items: int, resamples: int) -> Iterator[np.ndarray]:
        """Yield how often each item is drawn, (some of the resamples, items)."""
        random = np.random.default_rng(SEED)
        step = max(1, AT_ONCE // max(1, items))
        for first in range(0, resamples, step):
            yield self._weights(random, items, min(step, resamples - first))

    def _weights(self, random: np.random.Generator, items: int, resamples: int) -> np.ndarray:
        rows = np.arange(resamples)[:, None]
        if self.series is not None:
            return _counted(random.integers(0, self.units, (resamples, self.units)), rows, self.units)[:, self.series]
        if self.blocks is None:
            return _counted(random.integers(0, items, (resamples, items)), rows, items)
        starts = random.integers(0, items, (resamples, self.units))
        return _counted(self.blocks[starts].reshape(resamples, -1), rows, items)


def _counted(drawn: np.ndarray, rows: np.ndarray, items: int) -> np.ndarray:
    """Return how often each number below `items` is in each row of those drawn, (resamples, items) float64."""
    flat = (drawn + rows * items).ravel()
    return np.bincount(flat, minlength=len(rows) * items).reshape(len(rows), items).astype(np.float64)


def _circular(segments: np.ndarray, length: int) -> np.ndarray:
    """Return the block that starts at each item, (items, length): its followers in the segment, then its first ones."""
    first = np.searchsorted(segments, segments, side="left")
    sizes = np.searchsorted(segments, segments, side="right") - first
    places = np.arange(len(segments)) - first
    return first[:, None] + (places[:, None] + np.arange(length)) % sizes[:, None]


def bootstrap(one: Measure, other: Measure, difference: float, draws: Draws, resamples: int = RESAMPLES) -> Found:
    """Return the interval and p of a difference between two metrics of the same items.

    The interval is between percentiles of the differences in the resamples, a little farther apart than its level says,
    as Student's t is wider than the normal distribution ("expanded percentile interval": Hesterberg, 2015, "What
    teachers should know about the bootstrap"). p is that of the level at which the interval ends at 0. Raises
    ValueError if the metric is undefined in too many resamples.
    """
    weights = draws.weights(len(one), resamples)
    found = np.concatenate([one.weighted(each) - other.weighted(each) for each in weights])
    found = found[np.isfinite(found)]
    if len(found) < (1 - MOST_UNDEFINED) * resamples:
        raise ValueError("the metric is not defined in many resamples: the items are too few, or too much alike")
    return expanded(difference, np.sort(found), draws.units)


def expanded(difference: float, found: np.ndarray, units: int) -> Found:
    """Return the expanded percentile interval and its p, of differences in resamples, the smallest first."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    if units < 2:
        raise ValueError("there is only one block of items to draw from")
    wider = np.sqrt(units / (units - 1))
    tail = ndtr(wider * stdtrit(units - 1, (1 - LEVEL) / 2))
    low, high = np.quantile(found, [tail, 1 - tail])
    below, above = (found < 0).mean() + (found == 0).mean() / 2, (found > 0).mean() + (found == 0).mean() / 2
    share = max(min(below, above), 0.5 / len(found))
    p = float(2 * stdtr(units - 1, ndtri(share) / wider))
    if share * len(found) < 1:  # 0 is beyond all resamples: how far beyond tells their spread
        p = min(p, by_t(difference, float(found.std()) * wider, units - 1).p)
    return Found(float(low), float(high), min(1.0, p))
