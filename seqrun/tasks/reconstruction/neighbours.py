"""How well codes separate classes: whether samples of one class lie together."""

from __future__ import annotations

import numpy as np


def neighbour_agreement(
    train_codes: np.ndarray, train_labels: np.ndarray, test_codes: np.ndarray, test_labels: np.ndarray
) -> float:
    """Return the share of test samples that are of the same class as the training sample with the nearest code.

    Takes codes (samples, latent_dim), whose distance is Euclidean, and class numbers (samples,), which the autoencoder
    has not seen. The result is the accuracy of a one-nearest-neighbour classifier of codes. Of training samples that
    are equally near, the first counts.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(train_codes)
    nearest = search.kneighbors(test_codes, return_distance=False)[:, 0]
    return float((train_labels[nearest] == test_labels).mean())
