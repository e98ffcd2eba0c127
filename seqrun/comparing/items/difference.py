"""What the predictions of two runs say of the difference between their metrics, over the items of the test split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seqrun.comparing.items.outcome import ItemDifference, NotComparable, StepDifference
from seqrun.comparing.values import full_name
from seqrun.metrics import Direction
from seqrun.rundir.reading import RunRecord

__all__ = ["ItemDifference", "NotComparable", "StepDifference", "difference_over_items"]


def difference_over_items(
    a: RunRecord, b: RunRecord, metric: str, directions: Mapping[str, Direction] | None = None
) -> ItemDifference:
    """Return the difference between two runs' test metric, with its interval and p over the items of the test split.

    The items are paired by `index` of both runs' predictions.npz. Raises NotComparable, saying why, if the runs were
    measured on unequal test data, if one has kept no predictions, or if the metric cannot be computed from them.
    """
    split, _, name = full_name(metric).rpartition(".")
    if split != "test":
        raise NotComparable(f"{metric}: runs keep the predictions of their test split alone")
    from seqrun.comparing.items.paired import Paired, predict_the_same  # here: numpy and what reads runs take a while
    from seqrun.comparing.items.testing import tested

    found = tested(Paired.of(a, b), name)
    return found if found.difference else replace(found, equal=predict_the_same(a, b))
