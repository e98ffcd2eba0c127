"""What can be told of the keys that say which labels a sample of numbers has, before its file is read."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.datasets.samples.settings import SampleSettings
from seqrun.datasets.shared.merging import names_of, names_path
from seqrun.errors import Problem

SEVERAL = "multilabel"  # the task


def several_problems(dataset: SampleSettings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield keys for several labels a sample that contradict each other, the file's format, or the trainer's tasks."""
    names, key = names_of(dataset.labels), names_path(dataset.labels)
    npz, listed = dataset.path.suffix.lower() == ".npz", isinstance(names, list)
    if listed and npz:
        instead = "of an npz file name one array, (samples, labels)"
        yield Problem(key, f"a list is for the columns of a Parquet file; {instead}")
    elif listed and dataset.label_each == "step":
        yield Problem(
            ("dataset", "label_each"), f"step wants one column of labels, and {'.'.join(map(str, key))} is a list"
        )
    elif listed and SEVERAL not in tasks:
        yield Problem(key, "a list is for several labels a sample: set trainer: multilabel")
    elif SEVERAL in tasks and names is not None and not npz and not listed:
        yield Problem(key, "this trainer needs a list: a column of 0 and 1 for each label")
    yield from _name_problems(dataset, npz and names is not None and SEVERAL in tasks)


def _name_problems(dataset: SampleSettings, matrix: bool) -> Iterator[Problem]:
    names = dataset.label_names or []
    if names and not matrix:
        yield Problem(
            ("dataset", "label_names"), "names the columns of an npz array of labels, for the trainer multilabel"
        )
    first = {name: number for number, name in reversed([*enumerate(names)])}
    for number, name in enumerate(names):
        if first[name] < number:
            yield Problem(("dataset", "label_names", number), f"{name!r} stands there twice")
