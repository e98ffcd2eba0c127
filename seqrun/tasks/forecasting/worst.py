"""The forecasts of the test split that failed most, to be drawn in a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seqrun.readable import figure
from seqrun.tasks.pages import Drawn

if TYPE_CHECKING:
    import numpy as np

SHOWN = 3
OF_STEPS = 2  # steps that a window must have, to be drawn as a line


def worst(arrays: Mapping[str, np.ndarray]) -> Sequence[Drawn]:
    """Return the windows of the largest mean absolute error, each with its true values and the forecast.

    Takes `targets` and `predictions`, (windows, steps, targets), and `index`, the row that each forecast is made from.
    Errors of several targets are over their spread, so that all count alike; of each window the worst target is drawn.
    """
    import numpy as np

    targets, predictions = arrays["targets"], arrays["predictions"]  # (windows, steps, targets)
    if targets.ndim != 3 or targets.shape != predictions.shape or targets.shape[1] < OF_STEPS:
        return []
    apart = np.abs(predictions - targets)
    known = np.isfinite(apart)
    errors = np.where(known, apart, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)  # (windows, targets)
    spread = np.nanstd(np.where(known, targets, np.nan), axis=(0, 1)) if known.any() else np.ones(targets.shape[2])
    relative = errors / np.where(spread > 0, spread, 1)
    chosen = np.argsort(-relative.max(axis=1), kind="stable")[:SHOWN]
    return [_drawn(arrays, int(window), int(relative[window].argmax()), errors) for window in chosen]


def _drawn(arrays: Mapping[str, np.ndarray], window: int, target: int, errors: np.ndarray) -> Drawn:
    def line(name: str) -> list[float]:
        found: list[float] = arrays[name][window, :, target].tolist()
        return found

    several = f", target {target + 1}" if errors.shape[1] > 1 else ""
    row, error = int(arrays["index"][window]), float(errors[window, target])
    band = (line("lower"), line("upper")) if {"lower", "upper"} <= {*arrays} else None
    title = f"forecast from row {row}{several}: mae {figure(error)}"
    return Drawn(title, {"true": line("targets"), "forecast": line("predictions")}, band)
