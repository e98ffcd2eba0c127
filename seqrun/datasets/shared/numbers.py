"""Samples that are labelled with numbers: one of each of several columns, to be predicted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.components.targets import NumbersTarget
from seqrun.datasets.shared.labelling import Labelled
from seqrun.datasets.shared.scaling import fit_scale
from seqrun.errors import DataError, Problem

TASK = "regression"


@dataclass(frozen=True)
class Numbers:
    """Each sample has a number in the cell of each column; of a matrix, which is one, each of its columns is one."""

    columns: tuple[str, ...]

    def fault(self, cells: Sequence[object]) -> str | None:
        named = zip(self._names(len(cells)), map(number_fault, cells), strict=True)
        return next((f"{name}: {fault}" for name, fault in named if fault), None)

    def read(self, cells: Sequence[object]) -> tuple[float, ...]:
        return tuple(map(number, cells))

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


def number_fault(cell: object) -> str | None:
    """Return why a cell is no finite number, or None if it is one; a string may be one, a boolean is none."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return "no number"
    if isinstance(cell, bool | np.bool_):
        return f"{cell} is a boolean, not a number"
    try:
        value = number(cell)
    except (ValueError, TypeError):
        return f"{str(cell)[:40]!r} is no number"
    except OverflowError:
        return "the number is too large"
    return None if math.isfinite(value) else f"{value} is no finite number"


def number(cell: object) -> float:
    """Return the number that a cell holds; ValueError or TypeError if it holds none."""
    if isinstance(cell, str) and "_" in cell:  # which Python would read as a number
        raise ValueError(cell)
    return float(cell)  # type: ignore[arg-type]  # what is none raises TypeError


# --- what a config says of them ---------------------------------------------------------------------------------------


def columns_of(key: str, names: Sequence[str], taken: Mapping[str, Sequence[str | None]]) -> Iterator[Problem]:
    """Yield what is wrong with the columns that `dataset.KEY` names; `taken` has those of other keys."""
    for other, columns in taken.items():
        for name in names:
            if name in columns:
                yield Problem(("dataset", key), f"{name!r} is dataset.{other} already")
    if len(set(names)) < len(names):
        yield Problem(("dataset", key), "a name stands there twice")


def meant_for_numbers(
    key: str, names: Sequence[str], label: str | list[str] | None, label_key: str, tasks: frozenset[str], what: str
) -> Iterator[Problem]:
    """Yield where the trainer of these tasks learns numbers and `dataset.KEY` names none, or the other way round.

    `names` are those that it names, `label` is what `dataset.LABEL_KEY` does, and `what` is what `dataset.KEY` must
    name.
    """
    if TASK not in tasks:
        if names:
            why = f"names what trainer regressor predicts; this trainer learns dataset.{label_key}"
            yield Problem(("dataset", key), why)
        return
    if not names:
        yield Problem(("dataset", key), f"required by this trainer: {what}")
    if label is not None:
        yield Problem(("dataset", label_key), f"this trainer learns numbers, no labels: name them with dataset.{key}")
