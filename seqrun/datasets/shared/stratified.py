"""Stratified splits by fractions, and the classes that can be split so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from seqrun.datasets.shared.grouped import compact, grouped_parts
from seqrun.datasets.shared.partition import Partition, partition
from seqrun.errors import DataError
from seqrun.readable import listed_names


def stratified_partition(
    path: Path,
    targets: np.ndarray,
    classes: Sequence[str],
    *,
    splits: Sequence[float],
    seed: int,
    limit: int | None = None,
    test_from: int | None = None,
    all_trained: bool = True,
    groups: np.ndarray | None = None,
) -> Partition:
    """Return the partition of samples with class numbers `targets` (n,) by the fractions `splits`: train, validation,
    test.

    `classes` is empty if all targets are equal. If `test_from` is given, the samples from there on are the test split,
    and the first two fractions divide the rest. Every drawn split has at least one sample of each class, unless
    `groups` (n,), numbers of groups, keep samples together: then the fractions hold as well as those allow. Raises
    DataError if no samples are left for training or, with `all_trained`, none of some class.
    """
    count, (train, validation, test) = len(targets), splits
    given_test = None if test_from is None else np.arange(test_from, count)
    if groups is not None:
        drawn = slice(0, test_from)
        fractions = splits if test_from is None else (train, validation)
        found = grouped_parts(path, targets[drawn], compact(groups[drawn]), fractions, seed)
        parts = Partition(*found, *([] if given_test is None else [given_test]))
        check_trainable(path, targets[parts.train], classes if all_trained else ())
        return parts.limited(limit, targets, seed)
    if test_from is not None:
        count, validation = test_from, validation / (train + validation)
    parts = partition(
        targets,
        seed=seed,
        test=max(round(test * count), len(classes), 1),
        validation=max(round(validation * count), len(classes), 1),
        given_test=given_test,
    )
    check_trainable(path, targets[parts.train], classes if all_trained else ())
    return parts.limited(limit, targets, seed)


def check_trainable(path: Path, targets: np.ndarray, classes: Sequence[str]) -> None:
    """Raise DataError if the training samples lack one of the classes, or if there are none."""
    if not len(targets):
        raise DataError(f"{path}: too few samples: with these splits there is none to train on")
    missing = [name for number, name in enumerate(classes) if not (targets == number).any()]
    if missing:
        raise DataError(f"{path}: too few samples to train on {listed_names(missing)} with these splits")


def checked_classes(path: Path, counts: Mapping[str, int], hint: str = "", *, fewest: int = 3) -> tuple[str, ...]:
    """Return the classes in order; `counts` holds the number of samples of each.

    Raises DataError if there are fewer than 2 classes, or fewer than `fewest` samples of one; `hint` is added to say
    what may be wrong.
    """
    if len(counts) < 2:
        raise DataError(f"{path} holds one class only, {next(iter(counts))!r}; there must be two or more")
    few = [f"{label!r} ({count})" for label, count in counts.items() if count < fewest]
    if few:
        raise DataError(
            f"{path}: {len(few):,} of {len(counts):,} classes have fewer than {fewest} samples, too few for three "
            f"splits: {listed_names(few)}{hint and '; '}{hint}"
        )
    return in_order(counts)


def in_order(classes: Iterable[str]) -> tuple[str, ...]:
    """Return the classes sorted by number if all are whole numbers, else alphabetically."""
    classes = sorted(classes)  # by itself, for 1 and 01 are one number
    try:
        return tuple(sorted(classes, key=int))
    except ValueError:
        return tuple(classes)
