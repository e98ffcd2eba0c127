"""Prediction intervals of forecasts: their bounds from dropout, and whether they held at each horizon step."""

from __future__ import annotations

import numpy as np

from seqrun.training.intervals import coverage, width


def mc_interval(samples: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bounds (n, horizon, targets) of the central interval that holds `level` of the draws.

    The draws, (draws, n, horizon, targets), are forecasts with dropout left on (Gal and Ghahramani, 2016, "Dropout as a
    Bayesian Approximation"); as many lie below the interval as above it. The interval tells how unsure the network is
    of its forecast, not how noisy the targets are, so as a rule it covers fewer targets than its level says.
    """
    lower, upper = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return lower, upper


def interval_metrics_by_step(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, list[float]]:
    """Return `coverage` and `interval_width`, as `interval_metrics` has them, for each horizon step alone."""
    measured = {
        "coverage": coverage(targets, lower, upper),
        "interval_width": width(lower, upper, ~np.isnan(targets)),
    }
    return {name: values.mean(axis=-1).tolist() for name, values in measured.items()}
