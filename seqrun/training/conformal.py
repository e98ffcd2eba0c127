"""Split conformal prediction: guarantees that hold for any model (Vovk, Gammerman and Shafer, 2005)."""

from __future__ import annotations

import math

import numpy as np


def conformal_quantile(scores: np.ndarray, level: float) -> np.ndarray:
    """Return the score of rank ceil((n + 1) * level), (...), of the n scores of a calibration split, (n, ...).

    The score of a new sample, exchangeable with these, is no larger with a probability of at least `level`. Scores that
    are not known, NaN, do not count. Infinite where n is less than `fewest_samples(level)`.
    """
    flat = scores.reshape(len(scores), math.prod(scores.shape[1:]))  # (n, numbers)
    quantiles = [_ranked(column[~np.isnan(column)], level) for column in flat.T]
    return np.array(quantiles, np.float64).reshape(scores.shape[1:])


def _ranked(scores: np.ndarray, level: float) -> float:
    """Return the score of rank ceil((n + 1) * level) of the n scores (n,); infinite if there is none."""
    rank = _rank(len(scores), level)
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else np.inf


def fewest_samples(level: float) -> int:
    """Return how many samples a calibration split needs for a finite conformal interval of this level."""
    samples = math.floor(level / (1 - level))  # at least n with n >= (n + 1) * level, but for rounding
    while _rank(samples, level) > samples:
        samples += 1
    return samples


def unbounded_warning(level: float, samples: int) -> str | None:
    """Return a warning of intervals without bounds, if so many validation samples are too few; else None."""
    if samples >= (fewest := fewest_samples(level)):
        return None
    there = f"there {'is' if samples == 1 else 'are'} {samples:,}"
    return (
        f"prediction intervals without bounds: trainer.intervals.level {level:g} wants at least {fewest:,} validation "
        f"samples, and {there}: give that split more (dataset.splits), or lower the level"
    )


def _rank(samples: int, level: float) -> int:
    """Return ceil((n + 1) * level), at least 1; the rounding error of a product that should be whole is ignored."""
    return max(1, math.ceil((samples + 1) * level - 1e-9))
