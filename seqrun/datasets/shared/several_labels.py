"""Samples with any number of labels each: several in a cell, or a column of yes and no for each label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seqrun.components.targets import LabelsTarget
from seqrun.datasets.shared.label_forms import named
from seqrun.datasets.shared.labelling import Labelled, label_fault, written_label
from seqrun.datasets.shared.stratified import in_order
from seqrun.errors import DataError

TRUTH = {"0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True)
class SeparatedLabels:
    """A cell names all labels of a sample, with a separator between them; an empty one says that it has none."""

    column: str
    separator: str
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def fault(self, cells: Sequence[object]) -> str | None:
        return None if _empty(cells[0]) else label_fault(cells[0])

    def read(self, cells: Sequence[object]) -> frozenset[str]:
        """White space around a label is no part of it; one that stands there twice counts once."""
        if _empty(cells[0]):
            return frozenset()
        return frozenset(name for part in written_label(cells[0]).split(self.separator) if (name := part.strip()))

    def labelled(self, path: Path, labels: Sequence[frozenset[str]], *, given_test: bool = False) -> Labelled:
        found = named(path, Counter(name for of_sample in labels for name in of_sample), self.merge)
        names = in_order(found.counts)
        if len(names) < 2:
            there = f"one label only, {names[0]!r}" if names else "no label at all"
            raise DataError(
                f"{path}: {self.column} holds {there}; there must be two or more: does dataset.label name the right "
                f"column, and dataset.labels_separator ({self.separator!r}) what stands between the labels of a cell?"
            )
        place = {written: names.index(name) for written, name in found.names.items()}
        targets = np.zeros((len(labels), len(names)), np.int32)
        for row, of_sample in zip(targets, labels, strict=True):
            row[[place[written] for written in of_sample]] = 1
        return unstratified(targets, names, found.doubts)


@dataclass(frozen=True)
class LabelColumns:
    """Each label has a column, which says whether a sample has it: 0 or 1, false or true."""

    columns: tuple[str, ...]
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as

    def fault(self, cells: Sequence[object]) -> str | None:
        wrong = ((name, cell) for name, cell in zip(self.columns, cells, strict=True) if truth(cell) is None)
        return next((_no_truth(name, cell) for name, cell in wrong), None)

    def read(self, cells: Sequence[object]) -> tuple[bool, ...]:
        return tuple(truth(cell) is True for cell in cells)

    def labelled(self, path: Path, labels: Sequence[tuple[bool, ...]], *, given_test: bool = False) -> Labelled:
        return of_columns(path, np.array(labels, np.int32).reshape(-1, len(self.columns)), self.columns, self.merge)


@dataclass(frozen=True)
class LabelMatrix:
    """Each column of an array (samples, labels) says which samples have a label; without `names` they are numbered."""

    array: str
    names: tuple[str, ...] = ()
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.array,)

    def fault(self, cells: Sequence[object]) -> str | None:
        names = self.names or _numbered(len(cells))
        wrong = ((name, cell) for name, cell in zip(names, cells, strict=False) if truth(cell) is None)
        hint = "; dataset.label_each: step is for a label a step"
        return next((_no_truth(name, cell) + hint for name, cell in wrong), None)

    def read(self, cells: Sequence[object]) -> tuple[bool, ...]:
        return tuple(truth(cell) is True for cell in cells)

    def labelled(self, path: Path, labels: Sequence[tuple[bool, ...]], *, given_test: bool = False) -> Labelled:
        width = len(labels[0])
        if width < 2:
            raise DataError(f"{path}: {self.array} has one column; several labels a sample want two or more")
        names = self.names or _numbered(width)
        if len(names) != width:
            raise DataError(f"{path}: {self.array} has {width} columns, but dataset.label_names names {len(names)}")
        return of_columns(path, np.array(labels, np.int32), names, self.merge)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"label_{number}" for number in range(count))


def unstratified(targets: np.ndarray, names: tuple[str, ...], doubts: tuple[str, ...] = ()) -> Labelled:
    """Return targets (samples, labels) of 0 and 1 as labels without strata: no sample is of one class."""
    return Labelled(targets, np.zeros(len(targets), np.int32), (), lambda training: LabelsTarget(names), doubts)


def of_columns(path: Path, targets: np.ndarray, columns: Sequence[str], merge: Mapping[str, str]) -> Labelled:
    """Return targets (samples, columns) of 0 and 1 as labels, named like their columns.

    Where several columns are one label, a sample has it if any of them says so.
    """
    found = named(path, dict(zip(columns, targets.sum(axis=0).tolist(), strict=True)), merge)
    names = tuple(dict.fromkeys(found.names[column] for column in columns))
    joined = np.zeros((len(targets), len(names)), np.int32)
    for number, column in enumerate(columns):
        joined[:, names.index(found.names[column])] |= targets[:, number]
    return unstratified(joined, names, found.doubts)


def truth(cell: object) -> bool | None:
    """Return what a label's cell says: a boolean, 0 or 1, or such a word in any case; None if it is none of them."""
    if isinstance(cell, str):
        return TRUTH.get(cell.strip().lower())
    return bool(cell) if isinstance(cell, (bool, int, float, np.number)) and cell in (0, 1) else None


def _no_truth(column: str, cell: object) -> str:
    given = "is empty" if _empty(cell) else f"holds {str(cell)[:40]!r}"
    return f"{column} {given}; a label's column holds 0 or 1, or false or true"


def _empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell  # NaN is not itself
