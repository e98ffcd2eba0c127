"""What the predictions of two runs say of the difference between their metrics, over the items of the test split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seqrun.metrics import Direction
from seqrun.rundir.reading import RunRecord


class NotComparable(Exception):
    """Two runs cannot be compared over test items; the message says why, and what would mend it."""


@dataclass(frozen=True)
class ItemDifference:
    """The difference of a metric between two runs, and how sure it is over the items of their one test split.

    It says nothing of other seeds: both networks are taken as they are, and the test split as a sample.
    """

    metric: str  # without its split: `auc`
    difference: float  # a's metric minus b's, in the metric's units
    interval: tuple[float, float]  # of the difference, at 95%
    p: float  # two-sided, of no difference
    test: str  # the name of the test, as people know it
    n: int  # items that were paired
    note: str = ""  # what the test assumed, such as the length of its blocks


def difference_over_items(
    a: RunRecord, b: RunRecord, metric: str, directions: Mapping[str, Direction] | None = None
) -> ItemDifference:
    """Return the difference between two runs' test metric, with its interval and p over the items of the test split.

    The items are paired by `index` of both runs' predictions.npz. Raises NotComparable, saying why, if the runs were
    measured on unequal test data, if one has kept no predictions, or if the metric cannot be computed from them.
    """
    raise NotComparable(f"{metric} of {a.path.name} and {b.path.name}: not built yet")
