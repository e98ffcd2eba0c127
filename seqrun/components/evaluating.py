"""Measuring a trained network again: what the run has kept for that, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from seqrun.components.splits import S, S_co, Spec, Splits, T, T_co

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Confusion:
    """How often samples (or steps) of each class were taken for each."""

    names: Sequence[str]
    counts: np.ndarray  # (classes, classes): a row for each true class, a column for each predicted one


@dataclass(frozen=True)
class Measured:
    """What a trained network is worth on the samples of a split, or of a file."""

    metrics: Mapping[str, float]
    predictions: Mapping[str, np.ndarray]  # targets, predictions, index and others, as in predictions.npz
    figures: Mapping[str, Figure] = field(default_factory=dict)  # plot name -> figure
    details: Mapping[str, Any] = field(default_factory=dict)  # further content of metrics.json, by name
    confusion: Confusion | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept(Generic[S_co, T_co]):
    """What a finished run knows that measuring depends on: a threshold is chosen once, on its validation split."""

    spec: Spec[T_co]
    artifact: Callable[[str, Callable[[Any], None]], Any]  # (file name, shape) -> what the JSON holds; None: no file
    artifacts: Mapping[str, bytes]
    metrics: Mapping[str, Any]  # metrics.json; empty for a run without results
    splits: Splits[S_co, T_co] | None = None  # the run's own data, where they are at hand
    series: Sequence[str] = ()  # the names of the series of which windows are, by their numbers, if they have names

    def of(self, samples: type[S], target: type[T]) -> Kept[S, T]:
        """Return the same, typed as having samples and a target of these kinds; TypeError if they have not."""
        splits = None if self.splits is None else self.splits.of(samples, target)
        return Kept(self.spec.of(target), self.artifact, self.artifacts, self.metrics, splits, self.series)

    @property
    def test(self) -> Mapping[str, float]:
        """The metrics that training gave on the test split."""
        return self.metrics.get("test") or {}
