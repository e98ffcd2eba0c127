"""Samples that cannot be used, each with its reason, and what is done and said about them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from seqrun.datasets.shared.layout import BadRows
from seqrun.datasets.shared.places import listed_faults
from seqrun.errors import DataError
from seqrun.readable import counted

Where = Callable[[int], str]  # how a message names a sample, by its position
Faults = Mapping[int, str]  # position -> the first thing that is wrong with the sample

HELP = "\nmend them, or leave them out with dataset.bad_rows: skip"


class UnusableSamples(DataError):
    """Samples that turn out to be of no use when others, with which they are scaled, are known.

    `faults` has their positions among those that were given.
    """

    def __init__(self, faults: Faults, where: Where):
        self.faults = faults
        super().__init__(str(unusable(faults, where)))


def unusable(faults: Faults, where: Where) -> DataError:
    """Return the error for samples that cannot be used."""
    return DataError(f"{counted(len(faults), 'sample')} cannot be used:{_by_kind(faults, where)}")


def without_faulty(
    path: Path, count: int, faults: Faults, where: Where, bad_rows: BadRows, told: Sequence[str] = ()
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the positions of those of `count` samples that can be used, in order, and a warning of the others.

    Raises DataError, which names them, where they may not be left out, or if none is left; `told` are messages of what
    else is wrong with the file.
    """
    if bad_rows == "error" and (told or faults):
        samples = [f"{path}: {unusable(faults, where)}{'' if len(faults) == count else HELP}"] if faults else []
        raise DataError("\n".join([*told, *samples]))
    if len(faults) == count:
        raise DataError(f"{path}: {unusable(faults, where)}")
    kept = np.setdiff1d(np.arange(count), [*faults], assume_unique=True)
    if not faults:
        return kept, ()
    return kept, (f"{path}: {counted(len(faults), 'sample')} left out (bad_rows: skip):{_by_kind(faults, where)}",)


def _by_kind(faults: Faults, where: Where) -> str:
    """Return the lines of a message: of each kind of fault the first ones with their places, and where the others are.

    Faults that differ in numbers alone are of one kind.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for position, fault in sorted(faults.items()):
        kinds[re.sub(r"\d+", "9", fault)].append(f"{where(position)}: {fault}")
    return "".join(map(listed_faults, kinds.values()))
