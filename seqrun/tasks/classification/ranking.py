"""What the order of samples by their scores is worth, for many weightings of the samples at once."""

from __future__ import annotations

import numpy as np


def areas(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve for each weighting, (weightings,); nan where a class has no weight.

    Takes truth values and scores (samples,), the highest score first, and weights (weightings, samples).
    """
    hits, false_alarms = _cumulated(positive, scores, weights)
    new = np.diff(false_alarms, axis=1, prepend=0)
    below = hits - np.diff(hits, axis=1, prepend=0) / 2  # those of equal scores count half
    with np.errstate(invalid="ignore"):
        return (new * below).sum(axis=1) / (hits[:, -1] * false_alarms[:, -1])


def average_precisions(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the average precision for each weighting, (weightings,); nan where the positive class has no weight.

    Takes what `areas` does. It is the mean over positives of the precision from their score on, as scikit-learn has it.
    """
    hits, false_alarms = _cumulated(positive, scores, weights)
    there = hits + false_alarms
    precision = np.divide(hits, there, out=np.zeros_like(hits), where=there > 0)
    with np.errstate(invalid="ignore"):
        return (np.diff(hits, axis=1, prepend=0) * precision).sum(axis=1) / hits[:, -1]


def _cumulated(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of positives, and of negatives, from each different score on: (weightings, scores) each."""
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each stretch of equal scores
    hits = np.cumsum(np.where(positive, weights, 0.0), axis=1)[:, last]
    return hits, np.cumsum(weights, axis=1, dtype=np.float64)[:, last] - hits
