"""The items of two runs, each beside its like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.comparing.items.outcome import NotComparable
from seqrun.comparing.repeats import test_data
from seqrun.errors import SeqrunError
from seqrun.inference.kept import kept_arrays, read_kept
from seqrun.registry import ITEMS
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.items import Items, Measure, Order


def items_of(run: RunRecord) -> Items:
    """Return the metrics of a run's test split by item; raise NotComparable if it has not kept its predictions."""
    try:
        found: Items = read_kept(run, ITEMS)
    except SeqrunError as error:
        raise NotComparable(str(error)) from None
    return found


def measure_of(items: Items, metric: str, run: str) -> Measure:
    """Return a metric of a run; raise NotComparable, with those that there are, if predictions do not tell it."""
    if metric not in items.measures:
        known = ", ".join(items.measures)
        raise NotComparable(f"{run}: {metric} cannot be computed from the predictions that it has kept; {known} can")
    return items.measures[metric]()


@dataclass(frozen=True)
class Paired:
    """The same items of two runs, both in the order of their rows."""

    names: tuple[str, str]  # of the runs
    items: tuple[Items, Items]
    places: tuple[np.ndarray, np.ndarray]  # (items,) of each run: where the items stand that are the first, the second

    @classmethod
    def of(cls, a: RunRecord, b: RunRecord) -> Paired:
        """Return the items of two runs; raise NotComparable if they are not the same."""
        told = f"{a.path.name} and {b.path.name}"
        data = test_data(a)
        if data is None or data != test_data(b):
            raise NotComparable(f"{told} were measured on unequal test data")
        one, other = items_of(a), items_of(b)
        first, second = (np.argsort(each.index, kind="stable") for each in (one, other))
        if not np.array_equal(one.index[first], other.index[second]):
            raise NotComparable(f"{told} have kept predictions of different test rows")
        if not _same(one.targets[first], other.targets[second]):
            raise NotComparable(f"{told} have different targets in the same test rows")
        return cls((a.path.name, b.path.name), (one, other), (first, second))

    def __len__(self) -> int:
        return len(self.places[0])

    @property
    def order(self) -> Order | None:
        """How the items depend on each other."""
        order = self.items[0].order
        return None if order is None else order.at(self.places[0])

    def measures(self, metric: str) -> tuple[Measure, Measure]:
        """Return a metric of both runs, item by item."""
        one, other = (
            measure_of(items, metric, name).taken(places)
            for items, name, places in zip(self.items, self.names, self.places, strict=True)
        )
        return one, other


def _same(targets: np.ndarray, others: np.ndarray) -> bool:
    if targets.shape != others.shape:
        return False
    if targets.dtype.kind in "iub":
        return np.array_equal(targets, others)
    return np.allclose(targets, others, rtol=1e-5, equal_nan=True)  # float32, back in original units, of either run


def predict_the_same(a: RunRecord, b: RunRecord) -> bool:
    """Return whether two runs that can be paired predict the same of every item, not only what is worth the same."""
    one, other = (
        arrays["predictions"][np.argsort(arrays["index"], kind="stable")] for arrays in map(kept_arrays, (a, b))
    )
    return np.array_equal(one, other)
