"""Samples that are labelled with numbers: one of each of several columns, to be predicted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seqrun.components.targets import NumbersTarget
from seqrun.datasets.shared.hints import setting_for
from seqrun.datasets.shared.labelling import Labelled
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.scaling import fit_scale
from seqrun.datasets.shared.written_numbers import plain_number
from seqrun.errors import DataError


@dataclass(frozen=True)
class Numbers:
    """Each sample has a number in the cell of each column; of a matrix, which is one, each of its columns is one."""

    columns: tuple[str, ...]
    layout: Layout = field(default_factory=Layout)  # how numbers are written that are text

    def fault(self, cells: Sequence[object]) -> str | None:
        faults = (number_fault(cell, self.layout) for cell in cells)
        named = zip(self._names(len(cells)), faults, strict=True)
        return next((f"{name}: {fault}" for name, fault in named if fault), None)

    def read(self, cells: Sequence[object]) -> tuple[float, ...]:
        return tuple(number(cell, self.layout) for cell in cells)

    def labelled(self, path: Path, labels: Sequence[tuple[float, ...]], *, given_test: bool = False) -> Labelled:
        names = self._names(len(labels[0]))
        if not names:
            raise DataError(f"{path}: {self.columns[0]} holds no number of a sample")
        targets = np.array(labels, np.float64)  # (samples, targets)

        def target(training: np.ndarray) -> NumbersTarget:
            return standardised(path, names, targets[training])

        return Labelled(targets, np.zeros(len(labels), np.int32), (), target)

    def _names(self, count: int) -> tuple[str, ...]:
        """Return the names of that many numbers of a sample."""
        if count == len(self.columns):
            return self.columns
        return tuple(f"{self.columns[0]}_{position}" for position in range(1, count + 1))


def standardised(path: Path, names: tuple[str, ...], training: np.ndarray) -> NumbersTarget:
    """Return the target of mean 0 and standard deviation 1 over the training samples (samples, targets).

    One that never changes is only moved to 0. Raises DataError for numbers so large that they cannot be scaled.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # told below
        scales = [fit_scale("standard", column) for column in training.T]
    for name, scale in zip(names, scales, strict=True):
        if not np.isfinite(scale).all():
            raise DataError(f"{path}: the numbers of {name} are too large to be scaled")
    return NumbersTarget(names, tuple(s.offset for s in scales), tuple(s.scale for s in scales))


def number_fault(cell: object, layout: Layout) -> str | None:
    """Return why a cell is no finite number, or None if it is one; a string may be one, a boolean is none."""
    if cell is None or (isinstance(cell, str) and cell.strip() in ("", *layout.missing_values)):
        return "no number"
    if isinstance(cell, bool | np.bool_):
        return f"{cell} is a boolean, not a number"
    try:
        value = number(cell, layout)
    except (ValueError, TypeError):
        setting = setting_for(cell, layout) if isinstance(cell, str) else None
        return f"{str(cell)[:40]!r} is no number" + (f" ({setting} reads it as one)" if setting else "")
    except OverflowError:
        return "the number is too large"
    return None if math.isfinite(value) else f"{value} is no finite number"


def number(cell: object, layout: Layout) -> float:
    """Return the number that a cell holds; ValueError or TypeError if it holds none."""
    if isinstance(cell, str):
        cell = plain_number(cell, layout)
        if "_" in cell:  # which Python would read as a number
            raise ValueError(cell)
    return float(cell)  # type: ignore[arg-type]  # what is none raises TypeError
