"""Samples of numbers from Parquet files: a row a step, or a row a sample with a list in each feature's cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.ragged_values import RaggedValues, Where, unusable
from seqrun.datasets.raw_sequences import LabelEach, RawSequences, step_labels, told_of
from seqrun.datasets.tables import Layout, listed, read_table
from seqrun.datasets.text_tables import column_fault
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Columns:
    """What the columns of a Parquet file are."""

    sample: str | None = None  # of which sample a row is; None: a row is a sample
    time: str | None = None  # orders a sample's rows; None: they are in order
    features: tuple[str, ...] | None = None  # None: all that are nothing else
    labels: str | None = None
    label_each: LabelEach = "sample"


def read_parquet(path: Path, columns: Columns) -> RawSequences:
    """The samples, in the order in which the file begins them; DataError for those that are not whole."""
    frame = read_table(path, None, Layout())
    with told_of(path):
        others = [name for name in (columns.sample, columns.time, columns.labels) if name is not None]
        features = columns.features or tuple(name for name in frame if name not in others)
        for name in (*others, *features):
            if fault := column_fault(list(frame), name):
                raise DataError(fault)
        if not features:
            raise DataError("beside what dataset.sample, time and labels name there is no column left to learn from")
        return (_rows_of_lists if columns.sample is None else _rows_of_steps)(frame, features, columns)


# --- a row a step -----------------------------------------------------------------------------------------------------


def _rows_of_steps(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    for name in features:
        if frame[name].dtype.kind not in "biuf":
            raise DataError(f"{name} holds {frame[name].dtype}, not numbers; dataset.features names the columns to use")
    codes, names = frame[columns.sample].factorize()
    if (codes < 0).any():
        rows = [f"row {row}" for row in frame.index[codes < 0]]
        raise DataError(f"{columns.sample} is empty, so it is not known of which sample a step is:{listed(rows)}")

    def where(position: int) -> str:
        return f"{columns.sample} {str(names[position])!r}"

    order = np.argsort(codes, kind="stable") if columns.time is None else _by_time(frame, codes, columns.time, where)
    lengths = np.bincount(codes)
    values = frame[list(features)].to_numpy(np.float64)[order]  # (steps, features)
    ragged = RaggedValues.of_steps(values, lengths, where)
    labels = None if columns.labels is None else frame[columns.labels].to_numpy(object)[order]
    if labels is not None and columns.label_each == "sample":
        labels = _of_sample(labels, ragged, where)
    return RawSequences(ragged, tuple(features), labels, np.arange(len(lengths)), where)


def _by_time(frame: DataFrame, codes: np.ndarray, column: str, where: Where) -> np.ndarray:
    """The order of rows by sample, then by time; DataError for times that do not order them."""
    times = frame[column]
    if times.dtype.kind not in "iufM":
        raise DataError(f"{column} holds {times.dtype}; times that order steps are numbers or dates")
    if times.isna().any():
        raise DataError(f"{column} is empty:{listed(f'row {row}' for row in frame.index[times.isna()])}")
    order = np.lexsort((times.to_numpy(), codes))
    sorted_times, sorted_codes = times.to_numpy()[order], codes[order]
    again = (sorted_times[1:] == sorted_times[:-1]) & (sorted_codes[1:] == sorted_codes[:-1])
    if again.any():
        positions = np.flatnonzero(again)
        lines = (f"{where(int(sorted_codes[n]))}: {times.iloc[order[n]]}" for n in positions)
        raise DataError(f"{column}: two steps of a sample at the same time:{listed(lines)}")
    return order


def _of_sample(labels: np.ndarray, ragged: RaggedValues, where: Where) -> np.ndarray:
    """(samples,) the label that all steps of a sample have."""
    import pandas as pd

    codes, _ = pd.factorize(labels)
    first = np.repeat(codes[ragged.starts], ragged.lengths)
    hint = "; dataset.label_each: step is for a label a step"
    ragged.refused(codes != first, f"the label changes within the sample{hint}", where)
    return labels[ragged.starts]


# --- a row a sample ---------------------------------------------------------------------------------------------------


def _rows_of_lists(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    for name in features:
        if frame[name].dtype != object:
            raise DataError(
                f"{name} holds {frame[name].dtype}, not lists; if a row is a step, dataset.sample must name the column "
                "that says of which sample it is; if a row is a sample, dataset.features the columns of lists"
            )

    def where(position: int) -> str:
        return f"row {position + 1}"

    rows = list(zip(*(frame[name] for name in features), strict=True))  # of each sample: a list a feature
    faults = {where(n): fault for n, cells in enumerate(rows) if (fault := _cells_fault(features, cells))}
    if faults:
        raise unusable(faults)
    ragged = RaggedValues.of_samples([np.column_stack(cells) for cells in rows], where)
    labels = None if columns.labels is None else frame[columns.labels].to_numpy(object)
    if labels is not None and columns.label_each == "step":
        labels = step_labels(labels, ragged.lengths, int(ragged.lengths.max()), where, columns.labels)
    return RawSequences(ragged, tuple(features), labels, np.arange(len(rows)), where)


def _cells_fault(features: Sequence[str], cells: Sequence[object]) -> str | None:
    """Why the lists of one sample cannot stand side by side."""
    for name, cell in zip(features, cells, strict=True):
        if not isinstance(cell, np.ndarray) or cell.ndim != 1 or cell.dtype == object:
            return f"{name} holds no list of numbers"
    if len({len(cell) for cell in cells}) > 1:
        return "lists of unequal length: " + ", ".join(f"{n} {len(c)}" for n, c in zip(features, cells, strict=True))
    return None
