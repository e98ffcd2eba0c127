"""What comes of training and measuring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Outcome:
    """The result of training and measuring: what goes into `metrics.json`, `predictions.npz` and `plots/`."""

    best_epoch: int
    metrics: Mapping[str, Mapping[str, float]]  # train, validation, test -> metric -> value
    baselines: Mapping[str, Mapping[str, float]]  # baseline -> metric -> value, on the test split
    skill: float | None
    predictions: Mapping[str, np.ndarray]  # targets, predictions, index and others, of the test split
    figures: Mapping[str, Figure]  # plot name -> figure
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)  # further content of metrics.json, by name
    warnings: tuple[str, ...] = ()
