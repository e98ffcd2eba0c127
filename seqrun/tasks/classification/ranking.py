"""What the order of samples by their scores is worth, for many weightings of the samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Of one weighting the weight of positives, and of all, from each different score on: (scores,) each, none of it 0.
_OfCurve = Callable[[np.ndarray, np.ndarray], float]


def areas(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve for each weighting, (weightings,); nan where a class has no weight.

    Takes truth values and scores (samples,), and weights (weightings, samples).
    """
    return _of_curves(positive, scores, weights, _area)


def average_precisions(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the average precision for each weighting, (weightings,); nan where the positive class has no weight.

    Takes what `areas` does. It is the mean over positives of the precision from their score on, as scikit-learn has it.
    """
    return _of_curves(positive, scores, weights, _average_precision)


def _of_curves(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray, of: _OfCurve) -> np.ndarray:
    """Return a number of each weighting's curve; one after the other, as few numbers stay in the processor's cache."""
    order = np.argsort(-scores, kind="stable")
    ranked, hit = scores[order], positive[order].astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of each stretch of equal scores
    found = np.empty(len(weights))
    for number, one in enumerate(weights):
        there = one[order].astype(np.float64)
        every, hits = np.cumsum(there)[last], np.cumsum(there * hit)[last]
        found[number] = of(hits[every > 0], every[every > 0])
    return found


def _area(hits: np.ndarray, every: np.ndarray) -> float:
    false_alarms = every - hits
    positives, negatives = hits[-1], false_alarms[-1]
    if not positives or not negatives:
        return np.nan
    below = hits - np.diff(hits, prepend=0) / 2  # those of equal scores count half
    return float((np.diff(false_alarms, prepend=0) * below).sum() / (positives * negatives))


def _average_precision(hits: np.ndarray, every: np.ndarray) -> float:
    return float((np.diff(hits, prepend=0) * hits / every).sum() / hits[-1]) if hits[-1] else np.nan
