"""Prediction intervals: how wide they must be, from errors on other data, and whether they held."""

from __future__ import annotations

import numpy as np

from seqrun.training.conformal import conformal_quantile


def conformal_half_widths(targets: np.ndarray, predictions: np.ndarray, level: float) -> np.ndarray:
    """Return how far to either side of a prediction its interval reaches, (...), by split-conformal prediction.

    Of the n errors |target - prediction| on a calibration split, arrays (n, ...), it is the one of rank
    ceil((n + 1) * level), for each of a sample's numbers alone; in the units of the arrays. If the new sample and those
    of the calibration are exchangeable, the interval covers its target with a probability of at least `level`, whatever
    the model (Vovk, Gammerman and Shafer, 2005; Lei et al., 2018, "Distribution-Free Predictive Inference for
    Regression", section 2.2). Windows of one series overlap and follow each other in time, so there it holds
    approximately, and of each step, not of the whole forecast.

    Targets that are not known, NaN, do not count. Infinite where n is less than `fewest_samples(level)`: no finite
    width could be promised then.
    """
    return conformal_quantile(np.abs(np.asarray(targets, np.float64) - predictions), level)


def coverage(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the share of the targets (n, ...) within their bounds, these included, for each number alone, (...).

    Targets that are not known, NaN, do not count.
    """
    return _mean((lower <= targets) & (targets <= upper), ~np.isnan(targets))


def width(lower: np.ndarray, upper: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Return the mean width of intervals with bounds (n, ...), in their units, for each number alone, (...).

    If there is a mask (n, ...) of the targets that are `known`, only the intervals of these count.
    """
    return _mean(upper - lower, np.ones(lower.shape, bool) if known is None else known)


def interval_metrics(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, float]:
    """Return `coverage`, the share of the targets within their bounds, and `interval_width`, the bounds' mean distance.

    Takes arrays (n, ...) in original units; targets that are not known, NaN, do not count. nan without samples.
    """
    known = ~np.isnan(targets)
    flat = [bound[known] for bound in (targets, lower, upper)]
    return {"coverage": float(coverage(*flat)), "interval_width": float(width(*flat[1:]))}


def _mean(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the mean over the samples that are known, in float64; nan where there are none."""
    count = known.sum(axis=0)
    total = values.sum(axis=0, dtype=np.float64, where=known)
    return np.divide(total, count, out=np.full(values.shape[1:], np.nan), where=count > 0)
