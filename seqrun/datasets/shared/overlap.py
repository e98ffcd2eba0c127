"""Samples that stand in more than one place: what is measured on a test sample that training holds says little."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from seqrun.components.leaks import EQUAL, Leak
from seqrun.components.splits import Splits
from seqrun.components.targets import ClassTarget, LabelsTarget, Target
from seqrun.datasets.shared.partition import Partition
from seqrun.readable import counted, listed

EXAMPLES = 3  # of equal samples, in a warning


@dataclass(frozen=True)
class Equals:
    """Which samples are equal: those of the same number."""

    numbers: np.ndarray  # (samples,) int64
    what: str = "sample"
    apart: str = ""  # from what they are equal, for a message
    mend: str = field(default="", kw_only=True)  # the setting that keeps them in one split, for a message

    @classmethod
    def by(cls, keys: Iterable[Hashable], what: str = "sample", apart: str = "", *, mend: str = "") -> Equals:
        """Return that samples with equal keys, given one a sample, are equal."""
        known: dict[Hashable, int] = {}
        numbers = np.fromiter((known.setdefault(key, len(known)) for key in keys), np.int64)
        return cls(numbers, what, apart, mend=mend)

    def seen(self, parts: Partition) -> np.ndarray:
        """Return for each test sample whether an equal one stands in training or validation: (test,) booleans."""
        others = np.setdiff1d(np.concatenate([parts.train, parts.validation]), parts.test)
        return np.isin(self.numbers[parts.test], self.numbers[others])

    def validated(self, parts: Partition) -> np.ndarray:
        """Return for each validation sample whether an equal one stands in training; if it is the test split, none."""
        seen = np.isin(self.numbers[parts.validation], self.numbers[parts.train])
        return seen & ~np.isin(parts.validation, parts.test)


def with_overlap(
    splits: Splits, equals: Equals, parts: Partition, targets: np.ndarray, where: Callable[[int], str]
) -> Splits:
    """Return the splits with what is to be known of equal samples: which test samples, and a warning of each kind.

    `targets` are of all samples, which `parts` divides; `where` names a sample, by its position among them.
    """
    name = str(splits.sources[0].path) if splits.sources else "the data"
    seen = equals.seen(parts)
    found = (
        *_overlaps(equals, parts, seen, where),
        *_contradictions(equals, parts, targets, splits.spec.target, where),
    )
    told = (f"{name}: {doubt}" for doubt in found)
    return replace(
        splits,
        seen=seen if seen.any() else None,
        warnings=(*splits.warnings, *told),
        leaks=(*splits.leaks, *_leaks(equals, parts, seen)),
    )


def _leaks(equals: Equals, parts: Partition, seen: np.ndarray) -> Iterator[Leak]:
    """Yield how many test and validation samples are known from elsewhere, if any are."""
    mend = equals.mend or "keep one of each in the data, or equal ones in one split"
    whats = {"test": "training or validation", "validation": "training"}
    for split, which in (("test", seen), ("validation", equals.validated(parts))):
        if which.any():
            what = f"{split} {equals.what}s that also stand in {whats[split]}"
            yield Leak(EQUAL, what, int(which.sum()), len(which), mend, split)


def _overlaps(equals: Equals, parts: Partition, seen: np.ndarray, where: Callable[[int], str]) -> Iterator[str]:
    """Yield a warning of test samples that stand in training or validation, and of validation samples in training."""
    validated = equals.validated(parts)
    for name, part, which, others in (
        ("test", parts.test, seen, np.setdiff1d(np.concatenate([parts.train, parts.validation]), parts.test)),
        ("validation", parts.validation, validated, parts.train),
    ):
        if not which.any():
            continue
        elsewhere = "training or validation" if name == "test" else "training"
        apart = f" ({equals.apart} aside)" if equals.apart else ""
        stand = "stands" if which.sum() == 1 else "stand"
        mend = f"; {equals.mend}" if equals.mend else ""
        yield (
            f"{which.sum():,} of {counted(len(part), f'{name} {equals.what}')} also {stand} in {elsewhere}{apart}"
            f"{_measured(name, which)}{mend}:{_pairs(equals, part[which], others, where)}"
        )


def _measured(name: str, which: np.ndarray) -> str:
    """Return what that means for the metrics."""
    if name == "validation":
        return ", which flatters the best epoch"
    return ", so there is nothing to measure without them" if which.all() else " (metrics.json has the metrics without)"


def _pairs(equals: Equals, samples: np.ndarray, others: np.ndarray, where: Callable[[int], str]) -> str:
    """Return the first of the samples, each beside the first of the others that equals it, as lines."""
    numbers = equals.numbers[others]
    twins = [others[np.argmax(numbers == equals.numbers[sample])] for sample in samples[:EXAMPLES]]
    lines = [f"{where(int(one))} is as {where(int(twin))}" for one, twin in zip(samples, twins, strict=False)]
    return listed(lines) + (f"\n  and {len(samples) - EXAMPLES:,} more" if len(samples) > EXAMPLES else "")


# --- one sample, several labels ---------------------------------------------------------------------------------------


def _contradictions(
    equals: Equals, parts: Partition, targets: np.ndarray, target: Target, where: Callable[[int], str]
) -> Iterator[str]:
    """Yield a warning of equal samples that are labelled differently."""
    if not isinstance(target, ClassTarget | LabelsTarget):
        return
    used = np.unique(np.concatenate([parts.train, parts.validation, parts.test]))
    labels = targets[used].reshape(len(used), -1)
    order = np.lexsort((used, equals.numbers[used]))  # equal samples side by side
    numbers, labels = equals.numbers[used][order], labels[order]
    unlike = (numbers[1:] == numbers[:-1]) & (labels[1:] != labels[:-1]).any(axis=1)
    if not unlike.any():
        return
    first = np.flatnonzero(unlike)
    first = first[np.unique(numbers[first], return_index=True)[1]]  # one pair of each
    places = [where(position) for position in used[order].tolist()]
    lines = [
        f"{places[at]} is {_named(labels[at], target)}, {places[at + 1]} is {_named(labels[at + 1], target)}"
        for at in first[:EXAMPLES].tolist()
    ]
    more = f"\n  and {len(first) - EXAMPLES:,} more" if len(first) > EXAMPLES else ""
    yield f"{counted(len(first), equals.what)} with different labels in different rows:{listed(lines)}{more}"


def _named(labels: np.ndarray, target: ClassTarget | LabelsTarget) -> str:
    """Return the label or labels of a sample, of its numbers (1,) or (labels,)."""
    if isinstance(target, ClassTarget):
        return target.classes[int(labels[0])]
    return " + ".join(name for name, there in zip(target.names, labels, strict=True) if there) or "without a label"
