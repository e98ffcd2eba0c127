"""Samples from a table of which a row is a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.faults import Faults
from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues
from seqrun.datasets.samples.raw import RawSequences
from seqrun.datasets.samples.text import factorized, of_objects
from seqrun.datasets.shared.label_forms import normalised
from seqrun.datasets.shared.written import as_written
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_LABEL = "the label changes within the sample; dataset.label_each: step is for a label a step"


def rows_of_steps(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    """Return the samples of a table each of whose rows says of which sample it is, with what is wrong with them."""
    for name in features:
        if frame[name].dtype.kind not in NUMBERS:
            raise DataError(f"{name} holds {frame[name].dtype}, not numbers; dataset.features names the columns to use")
    codes, names = named(frame[columns.sample])
    order, untimely = _order(frame, codes, columns.time)
    values = frame[list(features)].to_numpy(np.float64)[order]  # (steps, features)
    ragged = RaggedValues(values, np.bincount(codes))
    labels, changing = _labels(frame, columns, ragged, order)
    groups, divided = _groups(frame, columns, ragged, order)
    return RawSequences(
        ragged,
        tuple(features),
        labels,
        np.arange(len(names)),
        lambda position: f"{columns.sample} {names[position]!r}",
        ids=np.asarray(names),
        times=None if columns.time is None else frame[columns.time].to_numpy()[order],
        rows=order,
        groups=groups,
        faults={**divided, **changing, **ragged.faults(), **untimely},
    )


def named(column: Series) -> tuple[np.ndarray, list[str]]:
    """Return the sample of each row, (rows,), -1 where a cell is empty, and the samples' names as text."""
    import pandas as pd

    try:
        values, distinct = column.factorize()
    except TypeError as error:
        raise DataError(f"{column.name} holds no names or numbers of samples: {error}") from error
    numbers, names = pd.factorize(np.array([as_written(value) for value in distinct], object))
    return np.append(numbers, -1)[values], [str(name) for name in names]


def _order(frame: DataFrame, codes: np.ndarray, column: str | None) -> tuple[np.ndarray, Faults]:
    """Return the order of the rows by sample, then by time, and the samples whose times are missing or doubled.

    Raises DataError for a column that holds no times.
    """
    if column is None:
        return np.argsort(codes, kind="stable"), {}
    times = frame[column]
    if times.dtype.kind not in "iufM":
        raise DataError(f"{column} holds {times.dtype}; times that order steps are numbers or dates")
    order = np.lexsort((times.to_numpy(), codes))
    in_order, of = times.iloc[order], codes[order]
    faults: dict[int, str] = {}
    again = (in_order.to_numpy()[1:] == in_order.to_numpy()[:-1]) & (of[1:] == of[:-1])
    for n in np.flatnonzero(again).tolist():
        faults.setdefault(int(of[n]), f"{column}: two steps at the same time, {in_order.iloc[n]}")
    for n in np.flatnonzero(in_order.isna()).tolist():
        faults.setdefault(int(of[n]), f"{column} is empty ({frame.index.name} {in_order.index[n]})")
    return order, faults


def _labels(
    frame: DataFrame, columns: Columns, ragged: RaggedValues, order: np.ndarray
) -> tuple[np.ndarray | None, Faults]:
    """Return the labels, (samples, columns) or of steps (sum of lengths,) objects, and faults; None without labels."""
    if not columns.labels:
        return None, {}
    of_steps = frame[[*columns.labels]].to_numpy(object)[order]
    if columns.label_each == "step":
        return of_steps[:, 0], {}
    return _of_samples(of_steps, columns.labels, ragged, _LABEL, columns.merge)


def _groups(
    frame: DataFrame, columns: Columns, ragged: RaggedValues, order: np.ndarray
) -> tuple[np.ndarray | None, Faults]:
    """Return the groups of the samples, (samples,) objects, and faults; None if there are none."""
    if columns.group is None:
        return None, {}
    of_steps = frame[[columns.group]].to_numpy(object)[order]
    groups, faults = _of_samples(of_steps, columns.groups, ragged, f"{columns.group} changes within the sample", {})
    return groups[:, 0], faults


def _of_samples(
    of_steps: np.ndarray, names: Sequence[str], ragged: RaggedValues, fault: str, merge: Mapping[str, str]
) -> tuple[np.ndarray, Faults]:
    """Return the cells of samples (samples, columns), from those of their steps (steps, columns), and faults.

    A sample is at fault where one is empty, or where they do not agree, which the `fault` says. The columns are called
    by their `names`; cells in `merge` count as the others that it gives.
    """
    changing: Faults = {}
    missing: Faults = {}
    for name, column in zip(names, of_steps.T, strict=True):
        codes = _meant(column, merge)
        first = np.repeat(codes[ragged.starts], ragged.lengths)
        changing = {**ragged.first_wrong(codes != first, fault), **changing}
        missing = {**ragged.first_wrong((codes < 0) | (column == ""), f"no {name}"), **missing}
    return of_steps[ragged.starts], {**changing, **missing}


def _meant(column: np.ndarray, merge: Mapping[str, str]) -> np.ndarray:
    """Return the number of each cell's name, (steps,), -1 where it is missing; names are compared as labels are."""
    codes, cells = factorized(column)
    written = [normalised(cell) if isinstance(cell, str) else cell for cell in cells]
    names = of_objects(merge.get(cell, cell) if isinstance(cell, str) else cell for cell in written)
    return np.append(factorized(names)[0], -1)[codes]
