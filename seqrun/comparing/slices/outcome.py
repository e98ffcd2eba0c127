"""What metrics are on slices of a test split. Loads no numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KINDS = {  # what a split is cut by, beside the columns of its data
    "class": "each class or label",
    "length": "the tokens or steps that the network reads of a sample",
    "unknown": "the share of these tokens that the vocabulary does not know",
    "step": "each step of the forecasts' horizon",
    "hour": "the hour that is forecast",
    "series": "each series of the file",
}
COLUMN = "column:"  # stands before a column that is called as one of these


@dataclass(frozen=True)
class Figure:
    """A metric on one slice."""

    value: float | None  # None: it is not defined there
    interval: tuple[float, float] | None = None  # at 95%, over the items of the slice; None: they are too few


@dataclass(frozen=True)
class Sliced:
    """The metrics of one run on slices of its test split."""

    by: str
    names: Sequence[str]  # of the slices
    counts: Sequence[int]  # their items
    figures: Mapping[str, Sequence[Figure]]  # metric, without its split -> a figure for each slice
    whole: Mapping[str, Figure]  # on all items
    notes: Sequence[str] = field(default=())
