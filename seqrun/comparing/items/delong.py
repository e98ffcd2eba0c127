"""DeLong's test: whether the areas under two ROC curves, of scores for the same items, differ."""

from __future__ import annotations

import numpy as np

from seqrun.comparing.items.found import Found, by_normal
from seqrun.tasks.items import Ranks

NAME = "DeLong's test"


def delong(ranks: Ranks, other: Ranks, difference: float) -> Found:
    """Return the test of the difference between two AUCs of the same items.

    Its variance is that of DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated
    receiver operating characteristic curves". Of more than two classes, whose AUC is a mean over each one against the
    rest, it is that of the mean of what each item adds.
    """
    added = contributions(ranks) - contributions(other)
    return by_normal(difference, float(np.sqrt((added**2).sum())), len(added))


def contributions(ranks: Ranks) -> np.ndarray:
    """Return what each item adds to the error of the AUC, (items,): its variance is the sum of their squares.

    That of a positive is (V - AUC) / sqrt(m (m - 1)), V being the share of the negatives that it stands above, m the
    number of positives; that of a negative likewise.
    """
    columns = zip(ranks.positive.T, ranks.scores.T, strict=True)
    return np.mean([_of_class(positive, scores) for positive, scores in columns], axis=0)


def _of_class(positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return that of one class, by midranks (Sun and Xu, 2014, "Fast implementation of DeLong's algorithm")."""
    m, n = int(positive.sum()), int((~positive).sum())
    if m < 2 or n < 2:
        raise ValueError("DeLong's test wants two items at least of each class, and of the others")
    every = midranks(scores)
    above = (every[positive] - midranks(scores[positive])) / n  # the share of negatives below each positive
    below = 1 - (every[~positive] - midranks(scores[~positive])) / m  # that of positives above each negative
    area = above.mean()
    added = np.empty(len(scores))
    added[positive] = (above - area) / np.sqrt(m * (m - 1))
    added[~positive] = (below - area) / np.sqrt(n * (n - 1))
    return added


def midranks(scores: np.ndarray) -> np.ndarray:
    """Return the rank of each score from 1 on, (scores,); equal ones have the mean of their ranks."""
    _, numbers, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[numbers]
