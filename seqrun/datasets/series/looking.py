"""What the beginning of a file of series holds against the settings of the dataset `series`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from seqrun.datasets.shared.endings import ending
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.looking import look, number_problems, time_problems
from seqrun.errors import ConfigPath, Problem


class Settings(Protocol):
    """The fields that are looked at."""

    @property
    def path(self) -> Path: ...
    @property
    def targets(self) -> list[str]: ...
    @property
    def features(self) -> list[str] | None: ...
    @property
    def time(self) -> str | None: ...
    @property
    def time_format(self) -> str | None: ...
    @property
    def series_id(self) -> str | None: ...


def look_at_series(dataset: Settings, layout: Layout) -> Iterator[Problem]:
    """Yield what is wrong with the file of `dataset.path`."""
    if dataset.path.is_file() and ending(dataset.path) is None:
        return  # which the dataset's problems say already
    numbers = _numbers(dataset)
    columns = dict(numbers)
    for key in ("time", "series_id"):
        if (column := getattr(dataset, key)) is not None:
            columns["dataset", key] = column
    head, problems = look(dataset.path, layout, columns)
    yield from problems
    if head is not None:
        yield from number_problems(head, numbers, layout)
        if dataset.time is not None:
            yield from time_problems(head, dataset.time, dataset.time_format, layout)


def _numbers(dataset: Settings) -> dict[ConfigPath, str]:
    """Return the columns of targets and features, by where the config names them, each once."""
    found: dict[ConfigPath, str] = {("dataset", "targets", number): name for number, name in enumerate(dataset.targets)}
    targets = frozenset(dataset.targets)
    others = [(number, name) for number, name in enumerate(dataset.features or ()) if name not in targets]
    return found | {("dataset", "features", number): name for number, name in others}
