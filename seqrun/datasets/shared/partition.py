"""Which samples belong to which split: stratified draws that depend only on the labels and the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Partition:
    """The positions of each split's samples."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def limited(self, limit: int | None, targets: np.ndarray, seed: int) -> Partition:
        """Return the partition with at most `limit` samples in each split, each a stratified draw."""
        if limit is None:
            return self
        parts = (self.train, self.validation, self.test)
        return Partition(*(part[draw(targets[part], limit, seed, 2)] for part in parts))

    def trained_on(self, fraction: float, targets: np.ndarray, seed: int) -> Partition:
        """Return the partition with this fraction of its training samples, a stratified draw, and all others.

        A smaller fraction is part of a larger one.
        """
        if fraction == 1:
            return self
        count = max(round(fraction * len(self.train)), 1)
        return replace(self, train=self.train[draw(targets[self.train], count, seed, 4)])  # 3 is that of groups


def partition(
    targets: np.ndarray,
    *,
    seed: int,
    validation: int | None,
    test: int | None = None,
    given_test: np.ndarray | None = None,
) -> Partition:
    """Return the partition of samples with class numbers `targets` (n,) into train, validation and test.

    `given_test` holds the positions of the test samples if the data name them; else `test` of the samples are drawn.
    `validation` of the remaining samples are drawn for validation; None: validation is the test split.
    """
    everything = np.arange(len(targets))
    chosen = draw(targets, test or 0, seed, 0) if given_test is None else given_test
    rest = np.setdiff1d(everything, chosen, assume_unique=True)
    if validation is None:
        return Partition(rest, chosen, chosen)
    drawn = rest[draw(targets[rest], validation, seed, 1)]
    return Partition(np.setdiff1d(rest, drawn, assume_unique=True), drawn, chosen)


def draw(targets: np.ndarray, count: int, seed: int, stage: int) -> np.ndarray:
    """Return the sorted positions of `count` samples, with each class in proportion, and at least once if `count`
    allows.

    scikit-learn's train_test_split is not used because it can leave out a small class, which a test split must not. The
    random numbers are the raw ones of PCG64: numpy guarantees that stream, so a draw is the same with every version.
    """
    shuffled = np.argsort(np.random.PCG64([seed, stage]).random_raw(len(targets)), kind="stable")
    labels = targets[shuffled]
    share = np.empty(len(targets))  # fraction of its class before each sample: 0 for the first
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        share[members] = np.arange(len(members)) / len(members)
    return np.sort(shuffled[np.argsort(share, kind="stable")[:count]])
