"""Samples of numbers from tables (Parquet, CSV, TSV): a row a step, or a row a sample, of lists or of plain numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues, Where, unusable
from seqrun.datasets.samples.raw import LabelEach, RawSequences, step_labels, told_of
from seqrun.datasets.series.time_axis import read_times
from seqrun.datasets.shared.cells import numbers
from seqrun.datasets.shared.columns import check_columns, column_fault
from seqrun.datasets.shared.endings import ending
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.places import listed_faults
from seqrun.datasets.shared.tables import Table, read_table
from seqrun.datasets.shared.written import as_written
from seqrun.errors import DataError
from seqrun.readable import counted, listed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_LIKELY = r"[\s+-]*[\d.,' ]*\d[\d.,' ]*([eE][+-]?\d+)?"  # to be a number, by some setting
ONLY_FEATURE = "feature_1"  # the name of a feature whose steps have the columns


LABEL = "the label changes within the sample; dataset.label_each: step is for a label a step"


@dataclass(frozen=True)
class Columns:
    """What each column of a table is for."""

    sample: str | None = None  # of which sample a row is; None: a row is a sample
    time: str | None = None  # orders a sample's rows; None: they are in order
    features: tuple[str, ...] | None = None  # None: all that are nothing else
    labels: tuple[str, ...] = ()
    label_each: LabelEach = "sample"
    group: str | None = None  # of which group of samples, kept in one split, a sample is
    row_is_sample: bool = False  # where `sample` is None: the user has said so, it is no mere default

    @property
    def groups(self) -> tuple[str, ...]:
        """The column of groups, if there is one."""
        return () if self.group is None else (self.group,)

    @property
    def named(self) -> tuple[str, ...]:
        """All columns that are given by name."""
        given = (self.sample, self.time, *self.labels, *self.groups, *(self.features or ()))
        return tuple(name for name in given if name is not None)

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that are read as text where cells are text: ids, times, labels and groups."""
        return tuple(name for name in (self.sample, self.time, *self.labels, *self.groups) if name is not None)


def read_samples(path: Path, columns: Columns, layout: Layout) -> tuple[RawSequences, Table]:
    """Return the samples, in the order of their first rows, and their table; DataError names those that cannot be
    used.
    """
    table = read_table(path, None, layout, columns.written)
    check_columns(path, _names(table.frame), columns.named)
    table = _typed(path, table, columns, layout)
    return _read(path, table.frame, columns), table


def read_new(path: Path, columns: Columns, features: tuple[str, ...], layout: Layout) -> tuple[RawSequences, Table]:
    """Return new samples to predict on, without labels, from a file laid out like that of the run, and its table."""
    table = read_table(path, None, layout, columns.written)
    named = replace(columns, features=features if {*features} <= {*table.frame} else columns.features)
    check_columns(path, _names(table.frame), replace(named, labels=(), group=None).named)
    table = _typed(path, table, named, layout)
    return _new(path, table.frame, columns, features), table


def _new(path: Path, frame: DataFrame, columns: Columns, features: tuple[str, ...]) -> RawSequences:
    if columns.sample is None and features == (ONLY_FEATURE,) and ONLY_FEATURE not in frame:  # the columns are steps
        frame = frame.drop(columns=[*columns.labels, *columns.groups], errors="ignore")
        return _read(path, frame, replace(columns, labels=(), group=None, row_is_sample=True))
    return _read(path, frame, replace(columns, features=features, labels=(), group=None))


def _typed(path: Path, table: Table, columns: Columns, layout: Layout) -> Table:
    """Return a table whose features are numbers and whose times are such or dates, as they are in Parquet already.

    Columns of which no cell looks like a number stay text: they may be no features.
    """
    frame = table.frame
    if ending(path) == ".parquet":
        return table
    others = [name for name in _names(frame) if name not in columns.written]
    some = [name for name in others if frame[name].dtype.kind in NUMBERS or frame[name].str.fullmatch(_LIKELY).any()]
    values, bad = numbers(path, frame[[*(columns.features or some)]], layout)
    if len(values) < len(frame):
        frame = frame.loc[values.index]
    frame = frame.assign(**{str(name): values[name] for name in values})
    if columns.sample is not None and layout.bad_rows == "skip":
        frame, left_out = _without_empty(path, frame, [columns.sample, *map(str, values)])
        bad = (*bad, *left_out)
    if columns.time is not None:
        frame[columns.time] = read_times(path, frame[columns.time], None).instants
    return replace(table, frame=frame, warnings=(*table.warnings, *bad))


def _without_empty(path: Path, frame: DataFrame, columns: list[str]) -> tuple[DataFrame, tuple[str, ...]]:
    """Return the rows that have something in each of these columns, and a warning of the others if there are any."""
    empty = frame[columns].isna() | frame[columns].isin([""])
    faults = [f"line {row}: no {', '.join(empty.columns[cells])}" for row, cells in empty[empty.any(axis=1)].iterrows()]
    if not faults or len(faults) == len(frame):
        return frame, ()
    count = counted(len(faults), "row")
    told = f"{path}: {count} left out for empty cells (bad_rows: skip):{listed_faults(faults)}"
    return frame[~empty.any(axis=1)], (told,)


def _read(path: Path, frame: DataFrame, columns: Columns) -> RawSequences:
    with told_of(path):
        others = [name for name in (columns.sample, columns.time, *columns.labels, *columns.groups) if name is not None]
        features = columns.features or tuple(name for name in _names(frame) if name not in others)
        for name in (*others, *features):
            if fault := column_fault(_names(frame), name):
                raise DataError(fault)
        if not features:
            raise DataError("beside what dataset.sample, time and labels name there is no column left to learn from")
        return (_rows_of_samples if columns.sample is None else _rows_of_steps)(frame, features, columns)


def _names(frame: DataFrame) -> list[str]:
    """Return the names of the columns, which are strings in every Parquet file."""
    return [str(name) for name in frame]


# --- a row a step -----------------------------------------------------------------------------------------------------


def _named(column: Series) -> tuple[np.ndarray, list[str]]:
    """Return the sample of each row, (rows,), -1 where a cell is empty, and the samples' names as text."""
    import pandas as pd

    values, distinct = column.factorize()
    numbers, names = pd.factorize(np.array([as_written(value) for value in distinct], object))
    return np.append(numbers, -1)[values], [str(name) for name in names]


def _rows_of_steps(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    for name in features:
        if frame[name].dtype.kind not in NUMBERS:
            raise DataError(f"{name} holds {frame[name].dtype}, not numbers; dataset.features names the columns to use")
    codes, names = _named(frame[columns.sample])
    if (codes < 0).any():
        rows = [f"row {row}" for row in frame.index[codes < 0]]
        raise DataError(f"{columns.sample} is empty, so it is not known of which sample a step is:{listed(rows)}")

    def where(position: int) -> str:
        return f"{columns.sample} {names[position]!r}"

    order = np.argsort(codes, kind="stable") if columns.time is None else _by_time(frame, codes, columns.time, where)
    lengths = np.bincount(codes)
    values = frame[list(features)].to_numpy(np.float64)[order]  # (steps, features)
    ragged = RaggedValues.of_steps(values, lengths, where)
    labels = _cells(frame, columns)
    if labels is not None:
        labels = labels[order]
        labels = _of_sample(labels, ragged, where, LABEL) if columns.label_each == "sample" else labels[:, 0]
    times = None if columns.time is None else frame[columns.time].to_numpy()[order]
    groups = None
    if columns.group is not None:
        of_steps = frame[[columns.group]].to_numpy(object)[order]
        groups = _of_sample(of_steps, ragged, where, f"{columns.group} changes within the sample")[:, 0]
    index = np.arange(len(lengths))
    return RawSequences(
        ragged,
        tuple(features),
        labels,
        index,
        where,
        ids=np.asarray(names),
        times=times,
        rows=order,
        groups=groups,
    )


def _by_time(frame: DataFrame, codes: np.ndarray, column: str, where: Where) -> np.ndarray:
    """Return the order of the rows by sample, then by time; DataError for times that are missing or doubled."""
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


def _of_sample(labels: np.ndarray, ragged: RaggedValues, where: Where, fault: str) -> np.ndarray:
    """Return the labels of samples (samples, columns), from those of their steps (steps, columns), which must agree.

    Raises DataError, which says the `fault`, for samples where they do not.
    """
    import pandas as pd

    for column in labels.T:
        codes, _ = pd.factorize(column)
        first = np.repeat(codes[ragged.starts], ragged.lengths)
        ragged.refused(codes != first, fault, where)
    return labels[ragged.starts]


def _cells(frame: DataFrame, columns: Columns) -> np.ndarray | None:
    """Return the cells of the columns of labels, (rows, columns) objects; None if no column is named."""
    return frame[[*columns.labels]].to_numpy(object) if columns.labels else None


# --- a row a sample ---------------------------------------------------------------------------------------------------


def _rows_of_samples(frame: DataFrame, features: Sequence[str], columns: Columns) -> RawSequences:
    """Return samples from rows that hold a list for each feature, or the steps of one feature as plain numbers."""
    wide = all(frame[name].dtype.kind in NUMBERS for name in features)
    if wide:
        names, features = _steps_of(features, columns, frame), (ONLY_FEATURE,)
        ragged = RaggedValues.of_array(frame[names].to_numpy(np.float64)[..., None], _row)
    else:
        ragged = _of_lists(frame, features)
    labels = _cells(frame, columns)
    if labels is not None and columns.label_each == "step":
        labels = step_labels(labels[:, 0], ragged.lengths, int(ragged.lengths.max()), _row, columns.labels[0])
    groups = None if columns.group is None else frame[columns.group].to_numpy(object)
    return RawSequences(ragged, tuple(features), labels, np.arange(len(frame)), _row, groups=groups)


def _row(position: int) -> str:
    return f"row {position + 1}"


def _steps_of(names: Sequence[str], columns: Columns, frame: DataFrame) -> list[str]:
    """Return the columns in the order of their steps: as the config names them, by number, or as the file has them.

    Raises DataError where a row might as well be a single step of several features.
    """
    numbers = None if columns.features else _numbers_of(names)
    if numbers:
        return [name for _, name in sorted(zip(numbers, names, strict=True))]
    if columns.row_is_sample:
        return list(names)
    there = ", ".join(_names(frame))
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


def _of_lists(frame: DataFrame, features: Sequence[str]) -> RaggedValues:
    for name in features:
        if frame[name].dtype != object:
            raise DataError(
                f"{name} holds {frame[name].dtype}, not lists; if a row is a step, dataset.sample must name the column "
                "that says of which sample it is; if a row is a sample, dataset.features the columns of lists; "
                f"there are {', '.join(_names(frame))}"
            )
    rows = list(zip(*(frame[name] for name in features), strict=True))  # of each sample: a list a feature
    faults = {_row(n): fault for n, cells in enumerate(rows) if (fault := _cells_fault(features, cells))}
    if faults:
        raise unusable(faults)
    return RaggedValues.of_samples([np.column_stack(cells) for cells in rows], _row)


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
