"""Splits that keep groups together: all samples of an author, a patient or a machine stand in one split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqrun.components.leaks import GROUPS, Leak
from seqrun.datasets.shared.partition import Partition
from seqrun.errors import DataError
from seqrun.readable import counted, listed_names

MEND = "give train and test as one file or folder, of which the splits are drawn: then groups stay together"
FAR = 0.05  # of all samples: a split that is further from its fraction is told of


def grouped_parts(
    path: Path, targets: np.ndarray, groups: np.ndarray, fractions: Sequence[float], seed: int
) -> list[np.ndarray]:
    """Return the positions of the samples of each part, sorted; no group is in two parts, and no part is empty.

    `targets` (n,) are class numbers and `groups` (n,) the groups' numbers, from 0. The largest groups are placed first,
    in an order that depends on the seed among equal ones, each where it brings the counts of all classes nearest to the
    `fractions`, one a part (as scikit-learn's StratifiedGroupKFold does for equal parts). Raises DataError for fewer
    groups than parts.
    """
    counts = np.zeros((groups.max(initial=-1) + 1, targets.max(initial=0) + 1))  # (groups, classes)
    np.add.at(counts, (groups, targets), 1)
    if len(counts) < len(fractions):
        raise DataError(
            f"{path}: {counted(len(counts), 'group')} of dataset.splits.keep_together cannot be {len(fractions)} splits"
        )
    wanted = np.outer(fractions, counts.sum(axis=0)) / sum(fractions)  # (parts, classes)
    placed = _placed(counts, wanted, seed)
    return [np.flatnonzero(placed[groups] == part) for part in range(len(fractions))]


def compact(groups: np.ndarray) -> np.ndarray:
    """Return the same groups, numbered from 0 without gaps, (n,)."""
    return np.unique(groups, return_inverse=True)[1]


def _placed(counts: np.ndarray, wanted: np.ndarray, seed: int) -> np.ndarray:
    """Return the part of each group, (groups,)."""
    shuffled = np.argsort(np.random.PCG64([seed, 3]).random_raw(len(counts)), kind="stable")
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    there = np.zeros_like(wanted)  # (parts, classes)
    placed = np.empty(len(counts), np.int64)
    left = len(wanted)  # parts that have no group yet
    weights = 1 / np.maximum(wanted, 0.5)
    for number, group in enumerate(order):
        costs = ((counts[group] * (2 * (there - wanted) + counts[group])) * weights).sum(axis=1)  # what a part loses
        if len(order) - number <= left:  # as many groups are left as empty parts
            costs[there.sum(axis=1) > 0] = np.inf
        part = int(np.argmin(costs))
        left -= not there[part].any()
        there[part] += counts[group]
        placed[group] = part
    return placed


def group_leaks(groups: np.ndarray, parts: Partition) -> tuple[Leak, ...]:
    """Return that groups (samples,) stand in test and in another split, as the file has them, if any do."""
    there = np.unique(groups[parts.test])
    both = len(np.intersect1d(there, groups[np.setdiff1d(np.concatenate([parts.train, parts.validation]), parts.test)]))
    what = "test groups (dataset.splits.keep_together) that also stand in another split"
    return (Leak(GROUPS, what, both, len(there), MEND),) if both else ()


def group_doubts(
    groups: np.ndarray,
    parts: Partition,
    fractions: Sequence[float] | None,
    strata: np.ndarray,
    classes: Sequence[str],
) -> list[str]:
    """Return warnings of groups that stand in two splits, as the file has them, of splits far from their fractions, and
    of those without a sample of some class.

    `groups` (samples,) are numbers; `fractions` are those of train, validation and test, None where the file or a limit
    says how large they are. `strata` (samples,) say of which of the `classes` a sample is.
    """
    found = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    doubts = []
    others = np.concatenate([parts.train, parts.validation])
    if both := len(np.intersect1d(groups[others], groups[parts.test])):
        doubts.append(f"{counted(both, 'group')} of dataset.splits.keep_together in test and in another split")
    total = sum(map(len, found.values()))
    far = [
        f"{name} has {len(part) / total:.1%} of the samples, not {wanted:.1%}"
        for (name, part), wanted in zip(found.items(), fractions or (), strict=fractions is not None)
        if abs(len(part) / total - wanted) > FAR
    ]
    if far:
        doubts.append(f"groups of dataset.splits.keep_together are too large for the fractions: {', '.join(far)}")
    for name, part in found.items():
        if lacking := [each for n, each in enumerate(classes) if not (strata[part] == n).any()]:
            doubts.append(f"dataset.splits.keep_together leaves {name} without a sample of {listed_names(lacking)}")
    return doubts
