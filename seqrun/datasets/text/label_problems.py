"""What can be told of the keys that say which labels a text has, before its file is read."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.datasets.shared.merging import merge_problems, names_path
from seqrun.datasets.text.settings import TextSettings
from seqrun.errors import Problem

SEVERAL = "multilabel"  # the task
BOTH_WAYS = "label with labels_separator (all labels in a cell), or labels (a column each)"


def several_problems(dataset: TextSettings, folder: bool, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield keys for several labels a text that contradict each other, the trainer, or the `folder` of the texts.

    `tasks` are the trainer's.
    """
    yield from _contradictions(dataset)
    yield from merge_problems(dataset.labels, tasks)
    ways = {"labels_separator": dataset.labels_separator, "labels": dataset.label_columns}
    given = [key for key, value in ways.items() if value is not None]
    if folder and (given or SEVERAL in tasks):
        message = "is a folder, where each text is of one class; texts with several labels need a table"
        yield Problem(("dataset", "path"), f"{message} (.csv, .tsv, .jsonl or .parquet)")
    elif SEVERAL not in tasks:
        for key in given:
            yield Problem(("dataset", key), "is for several labels a text; leave it out, or set trainer: multilabel")
    elif not given and dataset.label is not None:
        missing = "required by this trainer: what stands between the labels of a cell"
        yield Problem(("dataset", "labels_separator"), f"{missing}; or in place of label set labels, a column each")


def _contradictions(dataset: TextSettings) -> Iterator[Problem]:
    names, key = dataset.label_columns or [], names_path(dataset.labels)
    if dataset.label_columns is not None and len(names) < 2:
        yield Problem(key, "must name two labels or more; one is for label, with trainer: classifier")
    if dataset.label_columns is not None and dataset.label is not None:
        yield Problem(key, f"cannot stand beside dataset.label; take either {BOTH_WAYS}")
    elif dataset.labels_separator is not None and dataset.label is None:
        yield Problem(("dataset", "labels_separator"), f"has no column dataset.label; take either {BOTH_WAYS}")
    first = {name: number for number, name in reversed([*enumerate(names)])}
    for number, name in enumerate(names):
        if first[name] < number:
            yield Problem((*key, number), f"{name!r} stands there twice")
        elif name == dataset.text:
            yield Problem((*key, number), f"{name!r} is the text column already")
