"""How far predicted numbers are from the true ones, in original units and float64: of each target and overall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqrun.components.units import squarable_columns
from seqrun.tasks.regression.columns import METRICS


def regression_metrics(targets: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Return each metric's mean over the targets, of numbers (samples, targets) in original units.

    Of each target alone, y being its numbers and f their predictions:

    - mae = mean |y - f|, in its units.
    - rmse = sqrt(mean (y - f)^2), in its units.
    - r2 = 1 - sum (y - f)^2 / sum (y - mean y)^2: 1 is perfect, 0 as good as the mean of y (R squared).

    They are those of scikit-learn with `multioutput="uniform_average"`, except that nan stands for what is not
    defined: r2 where a target has one value in all samples, where scikit-learn has 0 or 1; all of them without
    samples or with a prediction that is not finite. Targets of different units are averaged all the same: then look
    at each by itself (`metrics_by_target`). Raises ValueError for shapes that do not belong together.
    """
    return {name: float(values.mean()) for name, values in _scores(targets, predictions).items()}


def metrics_by_target(
    targets: np.ndarray, predictions: np.ndarray, names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return the same metrics of each target alone, by its name."""
    scores = _scores(targets, predictions)
    return {name: {metric: float(scores[metric][number]) for metric in METRICS} for number, name in enumerate(names)}


def _scores(targets: np.ndarray, predictions: np.ndarray) -> dict[str, np.ndarray]:
    """Return each metric, (targets,)."""
    y, f = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if y.shape != f.shape or y.ndim != 2:
        raise ValueError(f"targets {y.shape} and predictions {f.shape} do not belong together")
    if not len(y) or not np.isfinite(f).all():
        return dict.fromkeys(METRICS, np.full(y.shape[1], np.nan))
    unit = squarable_columns(y)  # (targets,)
    squared = (((y - f) / unit) ** 2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # a constant target is told below
        r2 = 1 - squared / (((y - y.mean(axis=0)) / unit) ** 2).mean(axis=0)
    r2[np.ptp(y, axis=0) == 0] = np.nan
    return dict(zip(METRICS, (np.abs(y - f).mean(axis=0), unit * np.sqrt(squared), r2), strict=True))
