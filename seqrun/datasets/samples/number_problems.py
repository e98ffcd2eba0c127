"""What can be told of the array or columns that hold a sample's numbers before the file is read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from seqrun.datasets.samples.arrays import array_faults, array_names
from seqrun.datasets.shared.numbers import TASK, columns_of, meant_for_numbers
from seqrun.errors import Problem


class Settings(Protocol):
    """The fields of the dataset `sequences` that are looked at."""

    @property
    def path(self) -> Path: ...
    @property
    def values(self) -> str: ...
    @property
    def sample(self) -> str | None: ...
    @property
    def time(self) -> str | None: ...
    @property
    def features(self) -> list[str] | None: ...
    @property
    def labels(self) -> str | list[str] | None: ...
    @property
    def label_each(self) -> str: ...
    @property
    def targets(self) -> str | list[str] | None: ...


def target_names(dataset: Settings) -> tuple[str, ...]:
    """Return the array or the columns that hold the numbers to be predicted; empty if none are named."""
    return (dataset.targets,) if isinstance(dataset.targets, str) else tuple(dataset.targets or ())


def number_problems(dataset: Settings) -> Iterator[Problem]:
    """Yield what is wrong with `targets`, whatever the trainer."""
    names, path = target_names(dataset), ("dataset", "targets")
    if dataset.path.suffix.lower() != ".npz":
        taken = {"sample": (dataset.sample,), "time": (dataset.time,), "features": dataset.features or ()}
        yield from columns_of("targets", names, taken)
    elif isinstance(dataset.targets, list):
        yield Problem(path, "of an npz file it is the name of an array, (samples,) or (samples, targets), not a list")
    elif dataset.targets is not None:
        yield from _array_problems(dataset, dataset.targets)


def number_task_problems(dataset: Settings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield where samples have numbers, and a trainer of these tasks learns something else, or the other way round."""
    npz = dataset.path.suffix.lower() == ".npz"
    what = "the npz array that holds the numbers" if npz else "the column or columns that hold the numbers"
    yield from meant_for_numbers("targets", target_names(dataset), dataset.labels, "labels", tasks, what)
    if TASK in tasks and dataset.label_each == "step":
        yield Problem(("dataset", "label_each"), "step is for the tagger; this trainer needs sample")


def _array_problems(dataset: Settings, name: str) -> Iterator[Problem]:
    """Yield an array that the file lacks, if it is there; a file that is missing may still come: `load` tells of it."""
    try:
        with zipfile.ZipFile(dataset.path) as archive:
            names = array_names(archive)
    except (OSError, zipfile.BadZipFile):
        return
    if fault := array_faults(names, {"values": dataset.values, "targets": name}).get("targets"):
        yield Problem(("dataset", "targets"), f"{dataset.path.name}: {fault}")
