"""What samples are labelled with: from the cells of a row to the targets of all samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from seqrun.components.targets import ClassTarget
from seqrun.datasets.shared.label_forms import named
from seqrun.datasets.shared.stratified import checked_classes
from seqrun.datasets.shared.written import as_written, undecodable


@dataclass(frozen=True)
class Labelled:
    """The labels of all samples."""

    targets: np.ndarray  # (samples, ...) as `Split.targets` has them
    strata: np.ndarray  # (samples,) int32: of which class a sample is, for splits with a share of each; else 0
    classes: tuple[str, ...]  # that the strata count; empty where there are none
    target: Callable[[np.ndarray], Any]  # what is to be learned, from the positions of the training samples
    doubts: tuple[str, ...] = ()  # what a careful reader would notice, a warning each


class Labelling(Protocol):
    """How samples are labelled."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table that hold the labels."""

    def fault(self, cells: Sequence[object]) -> str | None:
        """Return what is wrong with a row's cells of these columns, or None if they can be read."""

    def read(self, cells: Sequence[object]) -> Any:
        """Return the label of a row, from cells without fault."""

    def labelled(self, path: Path, labels: Sequence[Any], *, given_test: bool = False) -> Labelled:
        """Return the labels of all samples; DataError, naming the file, if they cannot be learned.

        With `given_test` the data themselves say which samples are the test split: none are drawn for it.
        """


@dataclass(frozen=True)
class OneClass:
    """Each sample is of one class, which a cell names."""

    columns: tuple[str, ...]
    hint: str = ""  # at what may be wrong where the classes are too many or too few
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as

    def fault(self, cells: Sequence[object]) -> str | None:
        return label_fault(cells[0])

    def read(self, cells: Sequence[object]) -> str:
        return written_label(cells[0])

    def labelled(self, path: Path, labels: Sequence[str], *, given_test: bool = False) -> Labelled:
        found = named(path, Counter(labels), self.merge)
        hint = "; ".join(filter(None, [self.hint, *found.doubts]))
        classes = checked_classes(path, found.counts, hint, fewest=1 if given_test else 3)
        number = {written: classes.index(name) for written, name in found.names.items()}
        targets = np.array([number[label] for label in labels], np.int32)
        return Labelled(targets, targets, classes, lambda training: ClassTarget(classes), found.doubts)


def label_fault(label: object) -> str | None:
    """Return what is wrong with a label, or None if it names a class."""
    if as_written(label) is None:
        return "no label"
    if isinstance(label, float) and not label.is_integer():
        return f"the label {label} is a fraction; labels are strings, whole numbers or booleans"
    if not isinstance(label, (str, int, float)):
        return f"the label is no string, whole number or boolean: {str(label)[:40]!r}"
    return undecodable(label) if isinstance(label, str) else None


def written_label(label: object) -> str:
    """Return a label without fault as the text that stands for it: that of 1.0 is 1, that of True is true."""
    return as_written(label) or ""
