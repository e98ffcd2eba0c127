"""Whether samples of one class lie together in a space of codes."""

from __future__ import annotations

import numpy as np


def neighbour_agreement(
    train_codes: np.ndarray, train_labels: np.ndarray, test_codes: np.ndarray, test_labels: np.ndarray
) -> float:
    """The share of test samples whose nearest training sample bears the same label.

    Nearest by Euclidean distance between codes (samples, latent_dim): the accuracy of a classifier by one neighbour,
    which no part of the training has seen the labels of. The first of equally near samples counts.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(train_codes)
    nearest = search.kneighbors(test_codes, return_distance=False)[:, 0]
    return float((train_labels[nearest] == test_labels).mean())
