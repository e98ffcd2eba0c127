"""What can be told of the columns that hold a text's numbers before the file is read."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.datasets.shared.number_fields import TASK, columns_of, meant_for_numbers
from seqrun.datasets.text.endings import TABLES
from seqrun.datasets.text.settings import TextSettings
from seqrun.errors import Problem


def target_columns(dataset: TextSettings) -> tuple[str, ...]:
    """Return the columns that hold the numbers to be predicted; empty if none are named."""
    return (dataset.target,) if dataset.target is not None else tuple(dataset.targets or ())


def number_problems(dataset: TextSettings) -> Iterator[Problem]:
    """Yield what is wrong with `target` and `targets`, whatever the trainer."""
    names, key = target_columns(dataset), _key(dataset)
    if dataset.target is not None and dataset.targets is not None:
        yield Problem(("dataset", "targets"), "give target, one column, or targets, a list of columns, not both")
    if names and dataset.path.is_dir():
        yield Problem(("dataset", key), f"{dataset.path} is a folder, which has no columns")
    yield from columns_of(key, names, {"text": (dataset.text,)})


def number_task_problems(dataset: TextSettings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield where texts have numbers, and a trainer of these tasks learns something else, or the other way round."""
    if TASK in tasks and dataset.path.is_dir():
        why = f"{dataset.path} is a folder, whose texts have no numbers; take a table ({', '.join(TABLES)})"
        yield Problem(("dataset", "path"), why)
        return
    what = f"the column of {dataset.path.name} that holds the number (or targets: a list of columns)"
    yield from meant_for_numbers(_key(dataset), target_columns(dataset), dataset.label, "label", tasks, what)


def _key(dataset: TextSettings) -> str:
    """Return the field that names the columns, or that should."""
    return "targets" if dataset.target is None and dataset.targets is not None else "target"
