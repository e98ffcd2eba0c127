"""Metrics as they come from single items of a test split: what tests over items, and slices of a split, compute with.

Each task says in its `items.py` what its metrics are made of. An item is a sample: a text, a sentence, a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np

from seqrun.inference.kept import KeptPredictions
from seqrun.running.sample_facts import LENGTHS, UNKNOWN_SHARE


class Measure(Protocol):
    """One metric of one run, with what each item adds to it."""

    def __len__(self) -> int:
        """Return the number of items."""

    def taken(self, items: np.ndarray) -> Self:
        """Return the metric of these items alone, given by their numbers or by truth values."""

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the metric, (resamples,), of items that count as often as `weights`, (resamples, items), say."""


def value(measure: Measure) -> float:
    """Return the metric of all items; nan where it is not defined."""
    return float(measure.weighted(np.ones((1, len(measure))))[0]) if len(measure) else np.nan


@dataclass(frozen=True)
class Hits:
    """The share of items that are right."""

    right: np.ndarray  # (items,) truth values

    def __len__(self) -> int:
        return len(self.right)

    def taken(self, items: np.ndarray) -> Hits:
        """Return that of these items."""
        return Hits(self.right[items])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the share among items that count as often as the weights say."""
        return weights @ self.right.astype(np.float64) / weights.sum(axis=1)


@dataclass(frozen=True)
class Losses:
    """A mean of losses over the values of all items: of steps, of targets. Values that are not known have no loss."""

    losses: np.ndarray  # (items, steps), the sum over the values of each step
    counts: np.ndarray  # (items, steps), how many values that are
    rooted: bool = False  # whether the metric is the square root of the mean

    @classmethod
    def of(cls, losses: np.ndarray) -> Losses:
        """Return that of items with a loss each, (items,)."""
        return cls(losses[:, None], np.ones((len(losses), 1)))

    def __len__(self) -> int:
        return len(self.losses)

    def taken(self, items: np.ndarray) -> Losses:
        """Return that of these items."""
        return replace(self, losses=self.losses[items], counts=self.counts[items])

    def at(self, step: int) -> Losses:
        """Return that of one step alone, counted from 0."""
        return replace(self, losses=self.losses[:, [step]], counts=self.counts[:, [step]])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the mean over items that count as often as the weights say."""
        with np.errstate(invalid="ignore"):  # nothing is known: nan
            mean = weights @ self.losses.sum(axis=1) / (weights @ self.counts.sum(axis=1, dtype=np.float64))
        return np.sqrt(mean) if self.rooted else mean


@dataclass(frozen=True)
class Sums:
    """A metric that is a function of sums over items."""

    parts: np.ndarray  # (items, parts)
    of: Callable[[np.ndarray], float]  # of their sums, (parts,)

    def __len__(self) -> int:
        return len(self.parts)

    def taken(self, items: np.ndarray) -> Sums:
        """Return that of these items."""
        return replace(self, parts=self.parts[items])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the metric of items that count as often as the weights say."""
        return np.array([self.of(sums) for sums in weights @ self.parts])


@dataclass(frozen=True)
class Cells:
    """A metric that is a function of how many items lie in each cell of a table, such as a confusion matrix."""

    cells: np.ndarray  # (items,) the number of each one's cell
    count: int  # how many cells there are
    of: Callable[[np.ndarray], float]  # of the counts, (count,) whole numbers

    def __len__(self) -> int:
        return len(self.cells)

    def taken(self, items: np.ndarray) -> Cells:
        """Return that of these items."""
        return replace(self, cells=self.cells[items])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the metric of items that count as often as the weights say."""
        return np.array([self.of(np.bincount(self.cells, one, self.count)) for one in weights])


@dataclass(frozen=True)
class Ranks:
    """A mean over classes of what the order of items by a score is worth: AUC, average precision."""

    positive: np.ndarray  # (items, classes) truth values
    scores: np.ndarray  # (items, classes)
    # of one class: truth values and scores (items,), and weights (resamples, items)
    of: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    area: bool  # whether it is the area under the ROC curve

    def __len__(self) -> int:
        return len(self.positive)

    def taken(self, items: np.ndarray) -> Ranks:
        """Return that of these items."""
        return replace(self, positive=self.positive[items], scores=self.scores[items])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the mean over classes, of items that count as often as the weights say."""
        columns = zip(self.positive.T, self.scores.T, strict=True)
        return np.mean([self.of(positive, scores, weights) for positive, scores in columns], axis=0)


@dataclass(frozen=True)
class Whole:
    """A metric that is computed from the items as they are, each as often as it counts."""

    items: np.ndarray  # (items,) their numbers
    of: Callable[[np.ndarray], float]  # of the numbers of items

    def __len__(self) -> int:
        return len(self.items)

    def taken(self, items: np.ndarray) -> Whole:
        """Return that of these items."""
        return replace(self, items=self.items[items])

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the metric of items that count as often as the weights, whole numbers, say."""
        return np.array([self.of(np.repeat(self.items, one.astype(np.int64))) for one in weights])


@dataclass(frozen=True)
class Order:
    """Items in the order of time that depend on their neighbours, as the forecasts of overlapping windows do."""

    segments: np.ndarray  # (items,) the number of the stretch of one series in which each stands, ascending by row
    lags: int  # up to how many items apart they forecast common rows
    steps: tuple[int, ...]  # the same of each horizon step alone

    def at(self, items: np.ndarray) -> Order:
        """Return that of the items at these places, which are in the order of their rows."""
        return replace(self, segments=self.segments[items])

    @property
    def independent(self) -> bool:
        """Whether no item has a neighbour: each is a stretch of its own."""
        return bool((np.diff(self.segments) != 0).all())


@dataclass(frozen=True)
class Items:
    """The metrics of a run's predictions, item by item."""

    index: np.ndarray  # (items,) the row of the source that each came from
    targets: np.ndarray  # (items, ...)
    measures: Mapping[str, Callable[[], Measure]]  # metric, without its split -> how to get it
    order: Order | None = None  # None: the items do not depend on each other
    classes: Mapping[str, np.ndarray] = field(default_factory=dict)  # of which class or label which items are, (items,)
    facts: Mapping[str, np.ndarray] = field(default_factory=dict)  # see seqrun.running.sample_facts; names of series
    steps: int = 0  # how many values ahead a forecast has; 0: it is none
    only: Callable[[np.ndarray], Items] | None = None  # the same of the values alone that are chosen, (items, steps)


def kept_facts(kept: KeptPredictions) -> dict[str, np.ndarray]:
    """Return what a run has kept of its samples beside what it predicted: how long they are, how much is unknown."""
    return {name: kept.arrays[name] for name in (LENGTHS, UNKNOWN_SHARE) if name in kept.arrays}


def members(names: Sequence[str], numbers: np.ndarray) -> dict[str, np.ndarray]:
    """Return of each class which items are of it, (items,) truth values, by the numbers of their classes."""
    return {name: numbers == number for number, name in enumerate(names)}
