"""Samples from a table of which a row is a sample: of a list a feature, or of one feature with a column a step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.faults import Faults
from seqrun.datasets.samples.labels import step_labels
from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues
from seqrun.datasets.samples.raw import RawSequences
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame

ONLY_FEATURE = "feature_1"  # the name of a feature whose steps have the columns


def rows_of_samples(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    """Return the samples of a table each of whose rows is one, with what is wrong with them."""
    wide = all(frame[name].dtype.kind in NUMBERS for name in features)
    faults: Faults = {}
    if wide:
        names, features = _steps_of(features, columns, frame), (ONLY_FEATURE,)
        ragged = RaggedValues.of_array(frame[names].to_numpy(np.float64)[..., None])
    else:
        ragged, faults = _of_lists(frame, features)
    faults = {**ragged.faults(), **faults}
    labels = frame[[*columns.labels]].to_numpy(object) if columns.labels else None
    if labels is not None and columns.label_each == "step":
        labels, unlike = step_labels(labels[:, 0], ragged.lengths, int(ragged.lengths.max()), columns.labels[0])
        faults = {**unlike, **faults}
    groups = None if columns.group is None else frame[columns.group].to_numpy(object)
    places = frame.index

    def where(position: int) -> str:
        return f"{places.name} {places[position]}"

    return RawSequences(ragged, tuple(features), labels, np.arange(len(frame)), where, groups=groups, faults=faults)


def _steps_of(names: Sequence[str], columns: Columns, frame: DataFrame) -> list[str]:
    """Return the columns in the order of their steps: as the config names them, by number, or as the file has them.

    Raises DataError where a row might as well be a single step of several features.
    """
    numbers = None if columns.features else _numbers_of(names)
    if numbers:
        return [name for _, name in sorted(zip(numbers, names, strict=True))]
    if columns.row_is_sample:
        return list(names)
    there = ", ".join(map(str, frame))
    raise DataError(
        "its rows hold plain numbers, no lists; if a row is a step, dataset.sample must name the column that says of "
        "which sample it is; if a row is a whole sample of one feature, set dataset.sample: null, and dataset.features "
        f"to its steps' columns in their order, if they are not all but the labels; there are {there}"
    )


def _numbers_of(names: Sequence[str]) -> list[int] | None:
    """Return the numbers in names like s0, s1, s2; None if the columns have other names."""
    parts = [part for name in names if (part := re.fullmatch(r"(.*?)(\d+)", name))]
    if len(parts) < max(2, len(names)) or len({part[1] for part in parts}) > 1:
        return None
    return [int(part[2]) for part in parts]


def _of_lists(frame: DataFrame, features: Sequence[str]) -> tuple[RaggedValues, Faults]:
    """Return the samples of columns of lists, and what is wrong with the lists of some."""
    for name in features:
        if frame[name].dtype != object:
            raise DataError(
                f"{name} holds {frame[name].dtype}, not lists; if a row is a step, dataset.sample must name the column "
                "that says of which sample it is; if a row is a sample, dataset.features the columns of lists; "
                f"there are {', '.join(map(str, frame))}"
            )
    rows = list(zip(*(frame[name] for name in features), strict=True))  # of each sample: a list a feature
    faults = {n: fault for n, cells in enumerate(rows) if (fault := _cells_fault(features, cells))}
    nothing = np.empty((0, len(features)), np.float32)
    samples = [nothing if n in faults else np.column_stack(cells) for n, cells in enumerate(rows)]
    ragged, others = RaggedValues.of_samples(samples, len(features))
    return ragged, {**others, **faults}


def _cells_fault(features: Sequence[str], cells: Sequence[object]) -> str | None:
    """Return why the lists of one sample are no (time, features), or None if they are."""
    lengths: list[int] = []
    for name, cell in zip(features, cells, strict=True):
        if not isinstance(cell, np.ndarray) or cell.ndim != 1 or cell.dtype == object:
            return f"{name} holds no list of numbers"
        lengths.append(len(cell))
    if len(set(lengths)) > 1:
        return "lists of unequal length: " + ", ".join(f"{n} {m}" for n, m in zip(features, lengths, strict=True))
    return None
