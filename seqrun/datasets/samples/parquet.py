"""Samples of numbers from tables (Parquet, CSV, TSV): a row a step, or a row a sample, of lists or of plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.ragged import NUMBERS
from seqrun.datasets.samples.raw import RawSequences, told_of
from seqrun.datasets.samples.sample_rows import ONLY_FEATURE, rows_of_samples
from seqrun.datasets.samples.step_rows import named, rows_of_steps
from seqrun.datasets.series.time_axis import read_times, without_time
from seqrun.datasets.shared.at_once import AtOnce
from seqrun.datasets.shared.cells import numbers
from seqrun.datasets.shared.columns import check_columns, column_fault
from seqrun.datasets.shared.endings import ending
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.tables import Table, bad_rows, read_table
from seqrun.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame

_LIKELY = r"[\s+-]*[\d.,' ]*\d[\d.,' ]*([eE][+-]?\d+)?"  # to be a number, by some setting
Left = tuple["DataFrame", tuple[str, ...]]  # the rows that are left, and a warning of the others


def read_samples(path: Path, columns: Columns, layout: Layout) -> tuple[RawSequences, Table]:
    """Return the samples, in the order of their first rows, and their table.

    Raises DataError for a file that has no such samples. What is wrong with some of its rows or samples is told there.
    """
    at_once = AtOnce(layout)
    with at_once.all_told():
        table = at_once.read(lambda layout: read_table(path, None, layout, columns.written))
        check_columns(path, _names(table.frame), columns.named)
        table = _usable_rows(path, table, columns, at_once)
        raw = _read(path, table.frame, columns)
    return _numbered(raw, table, at_once), table


def read_new(
    path: Path, columns: Columns, features: tuple[str, ...], layout: Layout, *, labelled: bool = False
) -> tuple[RawSequences, Table]:
    """Return new samples to predict on, from a file laid out like that of the run, and its table.

    They have no labels unless they are to be `labelled`.
    """
    at_once = AtOnce(layout)
    with at_once.all_told():
        table = at_once.read(lambda layout: read_table(path, None, layout, columns.written))
        named = replace(columns, features=features if {*features} <= {*table.frame} else columns.features)
        check_columns(
            path, _names(table.frame), replace(named, labels=named.labels if labelled else (), group=None).named
        )
        table = _usable_rows(path, table, named, at_once)
        raw = _new(path, table.frame, columns, features, labelled)
    return _numbered(raw, table, at_once), table


def _numbered(raw: RawSequences, table: Table, at_once: AtOnce) -> RawSequences:
    """Return the samples with the numbers of their rows in the file, if a row is one, and with what has been told."""
    of_rows = raw.rows is None and table.numbers is not None
    index = np.array(table.numbers, np.int64) if of_rows else raw.index
    return replace(raw, index=index, rows_told=tuple(at_once.told))


def _new(path: Path, frame: DataFrame, columns: Columns, features: tuple[str, ...], labelled: bool) -> RawSequences:
    wanted = replace(columns, labels=columns.labels if labelled else (), group=None)
    if columns.sample is None and features == (ONLY_FEATURE,) and ONLY_FEATURE not in frame:  # the columns are steps
        others = [*columns.groups, *(() if labelled else columns.labels)]
        return _read(path, frame.drop(columns=others, errors="ignore"), replace(wanted, row_is_sample=True))
    return _read(path, frame, replace(wanted, features=features))


def _usable_rows(path: Path, table: Table, columns: Columns, at_once: AtOnce) -> Table:
    """Return the rows that can be read, their features as numbers and their times as such or dates.

    Parquet has them so already. Of CSV and TSV, columns of which no cell looks like a number stay text: they may be no
    features.
    """
    frame, warnings, sample, time = table.frame, [*table.warnings], columns.sample, columns.time
    written = ending(path) != ".parquet"
    features = _features(frame, columns) if written else []

    def only(step: Callable[[Layout], Left]) -> DataFrame:
        left, told = at_once.read(step)
        warnings.extend(told)
        return left

    if written:
        frame = only(lambda layout: _with_numbers(path, frame, features, layout))
    if sample is not None:
        needed = [sample, *(features if at_once.layout.bad_rows == "skip" else [])]
        frame = only(lambda layout: _without_empty(path, frame, needed, layout))
    if written and time is not None:
        frame = only(lambda layout: _timed(path, frame, time, layout))
    return _with_rows(table, frame, warnings)


def _with_rows(table: Table, frame: DataFrame, warnings: Sequence[str]) -> Table:
    """Return the table with only the rows of `frame`."""
    if len(frame) == len(table.frame):
        return replace(table, frame=frame, warnings=(*warnings,))
    places = table.frame.index.get_indexer(frame.index).tolist()
    numbers = places if table.numbers is None else [table.numbers[place] for place in places]
    return replace(table, frame=frame, warnings=(*warnings,), numbers=numbers)


def _features(frame: DataFrame, columns: Columns) -> list[str]:
    """Return the columns that hold the features, or, as far as their cells tell, may do so."""
    if columns.features:
        return [*columns.features]
    others = [name for name in _names(frame) if name not in columns.written]
    return [name for name in others if frame[name].dtype.kind in NUMBERS or frame[name].str.fullmatch(_LIKELY).any()]


def _with_numbers(path: Path, frame: DataFrame, features: list[str], layout: Layout) -> Left:
    """Return the rows with these columns as float64."""
    values, warnings = numbers(path, frame[features], layout)
    if len(values) < len(frame):
        frame = frame.loc[values.index]
    return frame.assign(**{str(name): values[name] for name in values}), warnings


def _without_empty(path: Path, frame: DataFrame, columns: Sequence[str], layout: Layout) -> Left:
    """Return the rows that say of which sample they are, in the first of these columns, and have something in each."""
    sample, *others = columns
    empty = frame[others].isna()
    with told_of(path):
        empty.insert(0, sample, named(frame[sample])[0] < 0)
    bad = empty.any(axis=1)
    place = frame.index.name
    faults = [f"{place} {row}: no {', '.join(empty.columns[cells])}" for row, cells in empty[bad].iterrows()]
    return frame[~bad], bad_rows(path, faults, layout, len(frame) - len(faults))


def _timed(path: Path, frame: DataFrame, time: str, layout: Layout) -> Left:
    """Return the rows with their times as numbers or dates."""
    bad = without_time(path, frame[time], None)
    warnings: tuple[str, ...] = ()
    if not bad.all():  # else reading them says why
        cells = frame.loc[bad, time].items()
        faults = [
            f"{frame.index.name} {row}: {f'{cell!r} is no' if cell else 'no'} time in {time}" for row, cell in cells
        ]
        warnings = bad_rows(path, faults, layout, len(frame) - len(faults))
        frame = frame[~bad]
    return frame.assign(**{time: read_times(path, frame[time], None).instants}), warnings


def _read(path: Path, frame: DataFrame, columns: Columns) -> RawSequences:
    with told_of(path):
        others = [name for name in (columns.sample, columns.time, *columns.labels, *columns.groups) if name is not None]
        features = columns.features or tuple(name for name in _names(frame) if name not in others)
        for name in (*others, *features):
            if fault := column_fault(_names(frame), name):
                raise DataError(fault)
        if not features:
            raise DataError("beside what dataset.sample, time and labels name there is no column left to learn from")
        return (rows_of_samples if columns.sample is None else rows_of_steps)(frame, features, columns)


def _names(frame: DataFrame) -> list[str]:
    """Return the names of the columns, which are strings in every Parquet file."""
    return [str(name) for name in frame]
