"""What the beginning of a file of texts holds against the settings of the dataset `text`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqrun.datasets.shared.grouping import group_of
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.looking import look, number_problems
from seqrun.datasets.shared.merging import names_path
from seqrun.datasets.text.endings import table_ending
from seqrun.datasets.text.number_problems import target_columns
from seqrun.datasets.text.settings import TextSettings
from seqrun.errors import ConfigPath, MissingData, Problem


def look_at_texts(dataset: TextSettings, layout: Layout) -> Iterator[Problem]:
    """Yield what is wrong with the file or folder of `dataset.path`."""
    if dataset.path.is_dir():
        yield from _folder_problems(dataset.path)
        return
    if dataset.path.is_file() and table_ending(dataset.path) is None:
        return  # which the dataset's problems say already
    numbers = _numbers(dataset)
    columns = {**_labels(dataset), **numbers}
    head, problems = look(dataset.path, layout, columns)
    yield from problems
    if head is not None:
        yield from number_problems(head, numbers, layout, needed=True)


def _labels(dataset: TextSettings) -> dict[ConfigPath, str]:
    """Return the columns of texts, labels and groups, by where the config names them."""
    found: dict[ConfigPath, str] = {}
    for key in ("text", "label"):
        if (column := getattr(dataset, key)) is not None:
            found["dataset", key] = column
    if (group := group_of(dataset.splits)) is not None:
        found["dataset", "splits", "keep_together"] = group
    place = names_path(dataset.labels)
    return {**found, **{(*place, number): name for number, name in enumerate(dataset.label_columns or ())}}


def _numbers(dataset: TextSettings) -> dict[ConfigPath, str]:
    """Return the columns of numbers, by where the config names them."""
    if dataset.target is not None:
        return {("dataset", "target"): dataset.target}
    return {("dataset", "targets", number): name for number, name in enumerate(target_columns(dataset))}


def _folder_problems(path: Path) -> Iterator[Problem]:
    if not any(next(path.glob(pattern), None) for pattern in ("*/*.txt", "*/*/*.txt")):
        yield MissingData(("dataset", "path"), f"{path} has no sub-folders with .txt files; there must be one a class")
