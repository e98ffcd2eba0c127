"""Metrics on slices of a test split, each with its interval over the items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqrun.comparing.items.bootstrap import MOST_UNDEFINED, RESAMPLES, Draws, expanded
from seqrun.comparing.items.found import LEVEL
from seqrun.comparing.slices.cutting import Cut
from seqrun.comparing.slices.outcome import Figure
from seqrun.tasks.items import Hits, Items, Measure, value

FEWEST = 5  # items that an interval wants


def measured(items: Items, cut: Cut, metric: str) -> list[Figure]:
    """Return a metric on each slice, then on the whole split.

    The share of right items has Wilson's interval (1927), another metric that of the bootstrap: items are drawn again
    from the whole split, overlapping windows in blocks, and the metric is taken on those of each slice.
    """
    chosen = _with_whole(items, cut)
    on_slices = [_on(items, each, metric) for each in chosen]
    if all(isinstance(each, Hits) for each in on_slices) and items.order is None:
        return [_share(each.right) for each in on_slices if isinstance(each, Hits)]
    members = [_items(each) for each in chosen]
    return _drawn(items, on_slices, members)


def figures_alone(items: Items, cut: Cut, metric: str) -> list[Figure]:
    """Return the same without intervals."""
    found = [value(_on(items, chosen, metric)) for chosen in _with_whole(items, cut)]
    return [Figure(one if np.isfinite(one) else None) for one in found]


def _with_whole(items: Items, cut: Cut) -> list[np.ndarray]:
    return [*cut.chosen, np.ones(len(items.index), bool)]


def _on(items: Items, chosen: np.ndarray, metric: str) -> Measure:
    """Return the metric of the items that are chosen, or of the values."""
    if chosen.ndim == 1:
        return items.measures[metric]().taken(chosen)
    if items.only is None:
        raise TypeError("only forecasts are cut by their values")
    return items.only(chosen).measures[metric]().taken(_items(chosen))


def _items(chosen: np.ndarray) -> np.ndarray:
    """Return which items have something that is chosen, (items,)."""
    return chosen if chosen.ndim == 1 else np.any(chosen, axis=1)


def _share(right: np.ndarray) -> Figure:
    """Return the share of right items with Wilson's interval."""
    from scipy.special import ndtri

    n, z = len(right), float(ndtri((1 + LEVEL) / 2))
    if not n:
        return Figure(None)
    share = float(right.mean())
    middle, reach = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = ((middle + sign * reach) / (1 + z**2 / n) for sign in (-1, 1))
    return Figure(share, (float(low) if share else 0.0, float(high) if share < 1 else 1.0))  # else rounding is left


def _drawn(items: Items, measures: Sequence[Measure], members: Sequence[np.ndarray]) -> list[Figure]:
    """Return the figures with intervals of the bootstrap, whose draws are the same for all slices."""
    first = np.argsort(items.index, kind="stable")
    order = None if items.order is None else items.order.at(first)
    draws = Draws.of(len(first), order)
    places = np.empty(len(first), np.int64)
    places[first] = np.arange(len(first))
    found: list[list[np.ndarray]] = [[] for _ in measures]
    for weights in draws.weights(len(first), RESAMPLES):
        of_items = weights[:, places]
        for measure, chosen, values in zip(measures, members, found, strict=True):
            drawn = of_items[:, chosen]
            values.append(measure.weighted(drawn[drawn.any(axis=1)]))  # where an item of the slice was drawn
    return [
        _figure(value(measure), np.concatenate(values), min(int(chosen.sum()), draws.units))
        for measure, values, chosen in zip(measures, found, members, strict=True)
    ]


def _figure(whole: float, draws: np.ndarray, units: int) -> Figure:
    if not np.isfinite(whole):
        return Figure(None)
    draws = draws[np.isfinite(draws)]
    if units < FEWEST or len(draws) < (1 - MOST_UNDEFINED) * RESAMPLES:
        return Figure(whole)
    low, high, _ = expanded(whole, np.sort(draws), units)
    return Figure(whole, (low, high))
