"""What can be told of the array or columns that hold a sample's numbers before the file is read."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.datasets.samples.settings import SampleSettings
from seqrun.datasets.shared.merging import names_of
from seqrun.datasets.shared.number_fields import TASK, columns_of, meant_for_numbers
from seqrun.errors import Problem


def target_names(dataset: SampleSettings) -> tuple[str, ...]:
    """Return the array or the columns that hold the numbers to be predicted; empty if none are named."""
    return (dataset.targets,) if isinstance(dataset.targets, str) else tuple(dataset.targets or ())


def number_problems(dataset: SampleSettings) -> Iterator[Problem]:
    """Yield what is wrong with `targets`, whatever the trainer."""
    names, path = target_names(dataset), ("dataset", "targets")
    if dataset.path.suffix.lower() != ".npz":
        taken = {"sample": (dataset.sample,), "time": (dataset.time,), "features": dataset.features or ()}
        yield from columns_of("targets", names, taken)
    elif isinstance(dataset.targets, list):
        yield Problem(path, "of an npz file it is the name of an array, (samples,) or (samples, targets), not a list")


def number_task_problems(dataset: SampleSettings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield where samples have numbers, and a trainer of these tasks learns something else, or the other way round."""
    npz = dataset.path.suffix.lower() == ".npz"
    what = "the npz array that holds the numbers" if npz else "the column or columns that hold the numbers"
    yield from meant_for_numbers("targets", target_names(dataset), names_of(dataset.labels), "labels", tasks, what)
    if TASK in tasks and dataset.label_each == "step":
        yield Problem(("dataset", "label_each"), "step is for the tagger; this trainer needs sample")
