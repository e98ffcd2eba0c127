"""What a calibration split promises of new samples, whatever the model (Vovk, Gammerman and Shafer, 2005)."""

from __future__ import annotations

import math

import numpy as np


def conformal_quantile(scores: np.ndarray, level: float) -> np.ndarray:
    """(...): of the n scores of a calibration split, (n, ...), the one of rank ceil((n + 1) * level).

    A new sample's score, exchangeable with them, is at most that with a probability of at least `level`. Infinite
    where n is less than `fewest_samples(level)`.
    """
    rank = _rank(len(scores), level)
    if rank > len(scores):
        return np.full(scores.shape[1:], np.inf)
    return np.partition(scores, rank - 1, axis=0)[rank - 1]


def fewest_samples(level: float) -> int:
    """How many samples a calibration split must have for a finite conformal interval of that level."""
    samples = math.floor(level / (1 - level))  # at least n with n >= (n + 1) * level, but for rounding
    while _rank(samples, level) > samples:
        samples += 1
    return samples


def _rank(samples: int, level: float) -> int:
    """ceil((n + 1) * level), at least 1; what binary fractions add to a whole product does not count."""
    return max(1, math.ceil((samples + 1) * level - 1e-9))
