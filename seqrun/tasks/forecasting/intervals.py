"""Prediction intervals: how wide they must be, from errors on other data or from dropout, and whether they held."""

from __future__ import annotations

import numpy as np

from seqrun.training.conformal import conformal_quantile


def conformal_half_widths(targets: np.ndarray, predictions: np.ndarray, level: float) -> np.ndarray:
    """(horizon, targets): how far to either side of a forecast its interval reaches, by split-conformal prediction.

    Of the n errors |target - prediction| on a calibration split, arrays (n, horizon, targets), the one of rank
    ceil((n + 1) * level), at each horizon step and for each target alone; in the units of the arrays. If the new
    sample and those of the calibration are exchangeable, the interval covers its target with a probability of at
    least `level`, whatever the model (Vovk, Gammerman and Shafer, 2005; Lei et al., 2018, "Distribution-Free
    Predictive Inference for Regression", section 2.2). Windows of one series overlap and follow each other in time,
    so there it holds approximately, and of each step, not of the whole forecast.

    Infinite where n is less than `fewest_samples(level)`: no finite width could be promised then.
    """
    return conformal_quantile(np.abs(np.asarray(targets, np.float64) - predictions), level)


def mc_interval(samples: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bounds (n, horizon, targets) of the central interval that holds `level` of the draws.

    The draws, (draws, n, horizon, targets), are forecasts with dropout left on (Gal and Ghahramani, 2016, "Dropout as a
    Bayesian Approximation"); as many lie below the interval as above it. The interval tells how unsure the network is
    of its forecast, not how noisy the targets are, so as a rule it covers fewer targets than its level says.
    """
    lower, upper = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return lower, upper


def coverage(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """(horizon, targets): the share of the targets (n, horizon, targets) within their bounds, these included."""
    return _mean((lower <= targets) & (targets <= upper))


def width(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """(horizon, targets): the mean width of intervals with bounds (n, horizon, targets), in their units."""
    return _mean(upper - lower)


def interval_metrics(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, float]:
    """`coverage`, the share of the targets within their bounds, and `interval_width`, the bounds' mean distance.

    Takes arrays (n, horizon, targets) in original units; nan without samples.
    """
    measured = {"coverage": coverage(targets, lower, upper), "interval_width": width(lower, upper)}
    return {name: float(values.mean()) for name, values in measured.items()}


def interval_metrics_by_step(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, list[float]]:
    """Return `coverage` and `interval_width` of each horizon step, lists (horizon,), from the same arrays."""
    measured = {"coverage": coverage(targets, lower, upper), "interval_width": width(lower, upper)}
    return {name: values.mean(axis=-1).tolist() for name, values in measured.items()}


def _mean(values: np.ndarray) -> np.ndarray:
    """The mean over the samples, in float64; nan without any."""
    if not len(values):
        return np.full(values.shape[1:], np.nan)
    return values.mean(axis=0, dtype=np.float64)
