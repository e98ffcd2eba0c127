"""What can be told of the keys that say which labels a sample of numbers has, before its file is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from seqrun.errors import Problem

SEVERAL = "multilabel"  # the task


class Settings(Protocol):
    """The fields of the dataset `sequences` that are looked at."""

    @property
    def path(self) -> Path: ...
    @property
    def labels(self) -> str | list[str] | None: ...
    @property
    def label_each(self) -> str: ...
    @property
    def label_names(self) -> list[str] | None: ...


def several_problems(dataset: Settings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Keys for several labels a sample that contradict each other, the file's format, or the trainer of these tasks."""
    npz, listed = dataset.path.suffix.lower() == ".npz", isinstance(dataset.labels, list)
    by_column = dataset.label_each == "column"
    if SEVERAL in tasks and dataset.labels is not None and not listed and dataset.label_each == "sample":
        yield _wanted(npz)
    elif SEVERAL not in tasks and (listed or by_column):
        key = "label_each" if by_column else "labels"
        yield Problem(("dataset", key), f"{_given(dataset)} is for several labels a sample: set trainer: multilabel")
    if listed and npz:
        instead = "of an npz file name one array (samples, labels), with dataset.label_each: column"
        yield Problem(("dataset", "labels"), f"a list is for the columns of a Parquet file; {instead}")
    elif listed and dataset.label_each == "step":
        yield Problem(("dataset", "label_each"), "step wants one column of labels, and dataset.labels is a list")
    elif by_column and not npz and isinstance(dataset.labels, str):
        yield Problem(("dataset", "labels"), "of a Parquet file column wants a list, a column for each label")
    yield from _name_problems(dataset, npz and by_column)


def _given(dataset: Settings) -> str:
    return "column" if dataset.label_each == "column" else "a list"


def _wanted(npz: bool) -> Problem:
    """What the trainer lacks."""
    if npz:
        why = "each column of the array dataset.labels, (samples, labels), is a label: 0 or 1"
        return Problem(("dataset", "label_each"), f"this trainer needs column: {why}")
    return Problem(("dataset", "labels"), "this trainer needs a list: a column of 0 and 1 for each label")


def _name_problems(dataset: Settings, columns: bool) -> Iterator[Problem]:
    names = dataset.label_names or []
    if names and not columns:
        yield Problem(("dataset", "label_names"), "names the columns of an npz array of labels (label_each: column)")
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Problem(("dataset", "label_names", number), f"{name!r} stands there twice")
