"""Labelled texts row by row as their files have them, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seqrun.datasets.shared.label_forms import normalised
from seqrun.datasets.shared.written import as_written, undecodable

if TYPE_CHECKING:
    from seqrun.datasets.shared.labelling import Labelling


@dataclass(frozen=True)
class Row:
    """One sample as its file has it, or the `fault` for which it cannot be read."""

    where: str  # "line 12", as an editor counts; "row 12" of a Parquet file, from 1; or the name of a text file
    text: object = None
    cells: tuple[object, ...] = ()  # of the columns that label it
    fault: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)  # all of its cells by column, where they were asked for


@dataclass(frozen=True)
class Samples:
    """The usable rows, and what is wrong with the others."""

    texts: list[str]
    labels: list[Any]  # of each sample, as its `Labelling` reads it
    index: list[int]  # of each sample: its row in the file, or its file in the order of names, from 0
    faults: list[str]
    groups: list[str] = field(default_factory=list)  # of each sample, if it has one


def collect(rows: Iterable[Row], labelling: Labelling, group: str | None = None) -> Samples:
    """Return the usable rows as samples, and the faults of the others.

    With a `group`, the column of groups, its cell follows those that label a sample.
    """
    samples = Samples([], [], [], [])
    for number, row in enumerate(rows):
        *cells, together = row.cells if group is not None and row.cells else (*row.cells, None)
        fault = row.fault or text_fault(row.text) or labelling.fault(cells)
        if group is not None and not fault:
            fault = group_fault(group, together)
        if fault or not isinstance(row.text, str):  # `text_fault` has a fault for what is no string
            samples.faults.append(f"{row.where}: {fault}")
            continue
        samples.texts.append(row.text)
        samples.labels.append(labelling.read(cells))
        if group is not None:
            samples.groups.append(normalised(as_written(together) or ""))
        samples.index.append(number)
    return samples


def group_fault(column: str, cell: object) -> str | None:
    """Return what is wrong with a cell that names a sample's group, else None."""
    if as_written(cell) is None:
        return f"no {column}, so it is not known what it must stand together with (dataset.splits.keep_together)"
    return undecodable(cell) if isinstance(cell, str) else None


def text_fault(text: object) -> str | None:
    """Return what is wrong with a sample's text, else None."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return "no text"
    if not isinstance(text, str):
        return f"the text is no string: {str(text)[:40]!r}"
    return undecodable(text)
