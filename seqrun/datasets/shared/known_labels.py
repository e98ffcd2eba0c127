"""The labels of new samples, which must be those that a run has learned to tell apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqrun.components.splits import Spec
from seqrun.components.targets import ClassTarget, LabelsTarget, NumbersTarget, Target
from seqrun.datasets.shared.label_forms import normalised
from seqrun.datasets.shared.labelling import Labelling, OneClass
from seqrun.datasets.shared.numbers import Numbers
from seqrun.datasets.shared.several_labels import LabelColumns, LabelMatrix, SeparatedLabels
from seqrun.errors import DataError, InputError, Parameter
from seqrun.readable import listed_names
from seqrun.spelling import suggest

USUAL = "label"  # the column of the labels, where the run's own data had none


@dataclass(frozen=True)
class KnownLabels:
    """How new samples are labelled: as the run's own data were, with its classes, labels or numbers."""

    labelling: Labelling
    target: Target

    @classmethod
    def of(cls, labelling: Labelling | None, spec: Spec, label: str | None = None) -> KnownLabels:
        """Return them for a run whose data were labelled so, or whose dataset does not say how.

        `label` is another column of the labels. Raises InputError where there can be no such column.
        """
        target = spec.target
        if labelling is None or not labelling.columns:
            if isinstance(target, ClassTarget):
                labelling = OneClass((label or USUAL,), merge=getattr(labelling, "merge", {}))
            elif isinstance(target, NumbersTarget):
                labelling = Numbers((label,) if label is not None else target.names)
            elif labelling is None:
                raise DataError("the run's dataset does not say how several labels of a sample are written")
        return cls(labelling if label is None else _in_column(labelling, label), target)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table that hold the labels."""
        return self.labelling.columns

    def fault(self, cells: Sequence[object]) -> str | None:
        """Return what is wrong with a row's cells of these columns: no label can be read, or one is not known."""
        if fault := self.labelling.fault(cells):
            return fault
        label = self.labelling.read(cells)
        if isinstance(self.target, NumbersTarget):
            wanted = len(self.target.names)
            return None if len(label) == wanted else f"{len(label)} numbers, where the run predicts {wanted}"
        if isinstance(self.target, ClassTarget):
            return unknown(label, self._merge, self.target.classes, "classes")
        if isinstance(label, frozenset):
            faults = (unknown(name, self._merge, self._names, "labels") for name in sorted(label))
            return next((fault for fault in faults if fault), None)
        return None

    def read(self, cells: Sequence[object]) -> Any:
        """Return the label of a row, from cells without fault."""
        return self.labelling.read(cells)

    def targets(self, labels: Sequence[Any]) -> np.ndarray:
        """Return labels without fault as `Split.targets` has them."""
        if isinstance(self.target, ClassTarget):
            return class_numbers(labels, self._merge, self.target.classes)
        if isinstance(self.target, NumbersTarget):
            return np.array(labels, np.float64).reshape(len(labels), len(self.target.names))
        targets = np.zeros((len(labels), len(self._names)), np.int32)
        for row, label in zip(targets, labels, strict=True):
            row[[self._names.index(name) for name in self._named(label)]] = 1
        return targets

    def _named(self, label: frozenset[str] | Sequence[bool]) -> Collection[str]:
        """Return the names of a sample's labels."""
        names = label if isinstance(label, frozenset) else self._of_columns(label)
        return {meant(name, self._merge) for name in names}

    def _of_columns(self, cells: Sequence[bool]) -> list[str]:
        """Return the labels whose columns say yes; those of an array without names are the run's, in order."""
        names = self.labelling.columns
        if isinstance(self.labelling, LabelMatrix):
            names = self.labelling.names or self._names
        if len(names) != len(cells):
            raise DataError(f"{len(cells)} columns of labels, where the run has {len(names)}: {listed_names(names)}")
        return [name for name, given in zip(names, cells, strict=True) if given]

    @property
    def _merge(self) -> Mapping[str, str]:
        return getattr(self.labelling, "merge", {})

    @property
    def _names(self) -> tuple[str, ...]:
        return self.target.names if isinstance(self.target, LabelsTarget) else ()


def _in_column(labelling: Labelling, label: str) -> Labelling:
    """Return the labelling by another column; InputError if there are several columns."""
    if isinstance(labelling, OneClass):
        return replace(labelling, columns=(label,))
    if isinstance(labelling, SeparatedLabels):
        return replace(labelling, column=label)
    if isinstance(labelling, LabelMatrix):
        return replace(labelling, array=label)
    if isinstance(labelling, Numbers) and len(labelling.columns) == 1:
        return replace(labelling, columns=(label,))
    several = len(labelling.columns) if isinstance(labelling, (LabelColumns, Numbers)) else 0
    raise InputError(
        Parameter("label", label),
        f": the run's data have {several} columns of labels ({listed_names(labelling.columns)}); name those of the "
        "file like them",
    )


def meant(label: str, merge: Mapping[str, str]) -> str:
    """Return the label that is meant by what is written, as `label_forms.named` has it."""
    plain = normalised(label)
    into = {normalised(one): normalised(other) for one, other in merge.items()}
    return into.get(plain, plain)


def unknown(label: str, merge: Mapping[str, str], known: Sequence[str], what: str) -> str | None:
    """Return why a label is none of those `known`, or None if it is one."""
    name = meant(label, merge)
    if name in known:
        return None
    return f"{name[:40]!r} is none of the run's {what}{suggest(name, known)}; they are {listed_names(known)}"


def class_numbers(labels: Sequence[str], merge: Mapping[str, str], classes: Sequence[str]) -> np.ndarray:
    """Return the number of each label's class, (samples,) int32; all are known."""
    number = {label: classes.index(meant(label, merge)) for label in set(labels)}
    return np.array([number[label] for label in labels], np.int32)
