"""Which predictions of two runs lie furthest apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.components.reading import ROW
from seqrun.inference.kept import Columns
from seqrun.rundir.atomic import plain

TARGET = "target"  # how the columns of what is true begin
SAME_FOR_ALL = (ROW, "step", "label")


@dataclass(frozen=True)
class Changed:
    """What two runs predict of one test sample."""

    row: int  # of its source
    change: float  # the mean distance between the numbers that are predicted
    target: Mapping[str, Any]  # what is true: column -> value, or a list of one for each step
    columns: Mapping[str, tuple[Any, Any]]  # that differ: column -> what the first run has, and the second
    sample: str | None = None  # its text, or its window in words


def distances(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that are test samples of both runs, and how far their predictions lie apart, (samples,) each.

    That is the mean absolute difference of a sample's numbers: probabilities, or values in original units; steps
    without a tag do not count. Takes the arrays of predictions.npz. Both are empty if the runs predict unlike things.
    """
    if not all(_has_numbers(arrays) for arrays in (one, other)):
        return np.empty(0, np.int64), np.empty(0)
    rows, first, second = np.intersect1d(one["index"], other["index"], return_indices=True)
    numbers, others = one["predictions"][first], other["predictions"][second]
    if numbers.shape != others.shape or not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    apart = np.abs(numbers.astype(np.float64) - others.astype(np.float64))
    targets = one["targets"][first]
    if apart.ndim == 3 and targets.shape == apart.shape[:2]:  # tags
        apart = np.where((targets != NO_TAG)[..., None], apart, np.nan)
    flat = apart.reshape(len(rows), -1)
    known = ~np.isnan(flat)
    return rows, np.where(known, flat, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _has_numbers(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether there are numbers for each row, as a trainer of one's own need not keep them."""
    if not {"index", "targets", "predictions"} <= arrays.keys():
        return False
    lengths = {arrays[name].shape[:1] for name in ("index", "targets", "predictions")}
    return len(lengths) == 1 and lengths != {()} and arrays["predictions"].dtype.kind in "iufb"


def most_changed(rows: np.ndarray, change: np.ndarray, one: Columns, other: Columns, count: int) -> list[Changed]:
    """Return the samples whose predictions lie furthest apart, at most `count`, and none that are the same.

    `rows` and `change` are what `distances` returns; the columns are those of the runs' tables (see `kept_columns`).
    """
    furthest = np.argsort(-change, kind="stable")[:count]
    return [_changed(int(rows[place]), float(change[place]), one, other) for place in furthest if change[place] > 0]


def _changed(row: int, change: float, one: Columns, other: Columns) -> Changed:
    first, second = _cells(one, row), _cells(other, row)
    names = [name for name in dict.fromkeys([*first, *second]) if name not in SAME_FOR_ALL]
    pairs = {name: (first.get(name), second.get(name)) for name in names if not name.startswith(TARGET)}
    true = {name: first[name] for name in names if name.startswith(TARGET) and name in first}
    return Changed(row, change, true, {name: pair for name, pair in pairs.items() if pair[0] != pair[1]})


def _cells(columns: Columns, row: int) -> dict[str, Any]:
    """Return a sample's cells, in JSON's own types; a list of one for each step where it has several."""
    places = np.flatnonzero(columns[ROW] == row)
    several = "step" in columns
    return {name: plain(list(cells[places]) if several else cells[places[0]]) for name, cells in columns.items()}
