"""What comparing two runs over the items of their test split comes to."""

from __future__ import annotations

from dataclasses import dataclass


class NotComparable(Exception):
    """Two runs cannot be compared over test items; the message says why, and what would mend it."""


@dataclass(frozen=True)
class StepDifference:
    """The difference at one step of the forecasts' horizon."""

    step: int  # from 1
    difference: float
    interval: tuple[float, float]  # at 95%
    p: float  # of this step alone


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
    steps: tuple[StepDifference, ...] = ()  # of forecasts, where the test judges each step of the horizon
    equal: bool = False  # whether both runs predict the same of every item
