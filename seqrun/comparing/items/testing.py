"""Which test judges a difference over items, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from seqrun.comparing.items import bootstrap, delong, diebold_mariano, mcnemar
from seqrun.comparing.items.bootstrap import Draws
from seqrun.comparing.items.found import Found
from seqrun.comparing.items.outcome import ItemDifference, NotComparable, StepDifference
from seqrun.comparing.items.paired import Paired
from seqrun.tasks.items import Hits, Losses, Measure, Order, Ranks, value

_Test = Callable[[np.ndarray, int], Found]  # of differences between losses, (times,), and of lags


class _Judged(NamedTuple):
    found: Found
    test: str
    note: str = ""
    steps: tuple[StepDifference, ...] = ()


def tested(paired: Paired, metric: str) -> ItemDifference:
    """Return the difference of a metric over the items of two runs, by the test that is usual for it.

    McNemar's for the share of right items, DeLong's for AUC, Diebold and Mariano's for the losses of forecasts of one
    series, else the paired bootstrap. Raises NotComparable where the metric is not defined, or items are too few.
    """
    one, other = paired.measures(metric)
    difference = value(one) - value(other)
    if not np.isfinite(difference):
        raise NotComparable(f"{metric} is not defined on the items of {' or '.join(paired.names)}")
    try:
        judged = _judged(one, other, difference, paired.order)
    except ValueError as error:
        raise NotComparable(f"{metric} of {' and '.join(paired.names)}: {error}") from None
    low, high, p = judged.found
    return ItemDifference(
        metric, difference, (float(low), float(high)), float(p), judged.test, len(paired), judged.note, judged.steps
    )


def _judged(one: Measure, other: Measure, difference: float, order: Order | None) -> _Judged:
    if isinstance(one, Hits) and isinstance(other, Hits) and order is None:
        return _Judged(mcnemar.mcnemar(one.right, other.right), mcnemar.NAME)
    if isinstance(one, Ranks) and isinstance(other, Ranks) and one.area and order is None:
        return _Judged(delong.delong(one, other, difference), delong.NAME)
    if isinstance(one, Losses) and isinstance(other, Losses) and order is not None and _one_series(order):
        return _by_series(one, other, order)
    draws = Draws.of(len(one), order)
    return _Judged(bootstrap.bootstrap(one, other, difference, draws), bootstrap.NAME, draws.note)


def _one_series(order: Order) -> bool:
    """Return whether the items are one series without a break, or do not depend on each other."""
    return order.independent or order.segments[0] == order.segments[-1]


def _by_series(one: Losses, other: Losses, order: Order) -> _Judged:
    """Return the test of Diebold and Mariano, of the whole horizon and of each step."""
    test = diebold_mariano.diebold_mariano if order.independent else diebold_mariano.careful
    found = _of_losses(one, other, order.lags, test)
    note = f"windows up to {order.lags:,} apart forecast common rows" if order.lags else ""
    steps = [_step(one.at(step), other.at(step), step, lags, test) for step, lags in enumerate(order.steps)]
    known = tuple(step for step in steps if step is not None)
    return _Judged(found, diebold_mariano.NAME, note, known if len(order.steps) > 1 else ())


def _step(one: Losses, other: Losses, step: int, lags: int, test: _Test) -> StepDifference | None:
    """Return what is found at one step, counted from 0; None where hardly a value of it is known."""
    difference = value(one) - value(other)
    if not np.isfinite(difference):
        return None
    low, high, p = _of_losses(one, other, lags, test)
    return StepDifference(step + 1, difference, (low, high), p)


def _of_losses(one: Losses, other: Losses, lags: int, test: _Test) -> Found:
    """Return the test of the mean of the losses' differences, in the units of the metric.

    That of a root mean is the test of the mean itself: the interval is divided by the sum of both roots, as a
    difference of squares is.
    """
    counts = one.counts.sum(axis=1, dtype=np.float64)
    apart = (one.losses.sum(axis=1) - other.losses.sum(axis=1))[counts > 0] / counts[counts > 0].mean()
    low, high, p = test(apart, lags)
    roots = value(one) + value(other) if one.rooted else 1.0
    return Found(low / roots, high / roots, p) if roots else Found(low, high, p)
