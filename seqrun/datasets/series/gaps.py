"""Rows that do not follow the row before them by the step of their axis: windows end there, or empty rows fill them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqrun.datasets.series.duplicates import daylight_saving
from seqrun.datasets.series.frequency import find_frequency, gap_rows
from seqrun.datasets.series.splits import Segments
from seqrun.datasets.series.step_words import in_words
from seqrun.datasets.series.steps import Frequency, by_the_wall, moved, onward, same, steps_to
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.series.time_axis import Times
from seqrun.errors import DataError
from seqrun.readable import counted, listed

MOST_FILLED = 20  # times as many rows as there are; more are a mistake, such as two rows a second in a file of days
MOST_MISSING = 7  # steps of an hour that clocks leave out, and fewer than of any other likely gap
FEW = 3  # rows that do not follow a step and are no sign of another one


def with_gaps(path: Path, table: SeriesTable, expected: Frequency) -> SeriesTable:
    """Return the table with the frequency of its rows and, where windows are not to reach over them, its gaps.

    A warning names the gaps. `expected` is the step of a run that is to forecast; None: it is found. Raises DataError
    if the rows have another.
    """
    frequency, gaps = _step(path, table, expected)
    table = replace(table, frequency=frequency)
    if table.reading.as_published or not len(gaps):
        return table
    if table.reading.gaps == "break":
        table = replace(table, gaps=gaps)
    windows = {
        "break": "no window reaches over these gaps (dataset.gaps: break)",
        "keep": "windows take them as neighbours all the same (dataset.gaps: keep)",
        "fill": "their time is not on it",
    }
    told = (
        f"{path}: most rows are {in_words(frequency)} apart, {len(gaps):,} are not; {windows[table.reading.gaps]}:"
        f"{listed_gaps(table, gaps)}"
    )
    return table.warned(_with_cause(told, table, gaps, frequency))


def listed_gaps(table: SeriesTable, rows: np.ndarray) -> str:
    """Return these rows as a message's list, each with its time and that of the row before it."""
    where, index = table.frame.index.name, table.frame.index
    shown, before = (table.times_of(each).shown() for each in (rows, rows - 1))
    lines = zip(index[rows], shown, before, strict=True)
    return listed(f"{where} {row}: {time} comes after {other}" for row, time, other in lines)


def _step(path: Path, table: SeriesTable, expected: Frequency) -> tuple[Frequency, np.ndarray]:
    """Return the step of the rows, and those that do not follow it, (gaps,); raise DataError if it is another than
    `expected`.
    """
    times, neighbours = table.known_times, ~table.starts_series
    if isinstance(expected, str) != (times.dtype.kind == "M") and expected is not None:
        found = "dates" if times.dtype.kind == "M" else "numbers"
        raise DataError(
            f"{path}: {table.reading.time} holds {found}, but the rows of the run were {in_words(expected)} apart"
        )
    own, gaps = find_frequency(times, neighbours, table.wall)
    if expected is None or own is None or own == expected:
        return (expected if own is None else own), gaps
    others = gap_rows(times, neighbours, expected, table.wall)
    if len(others) > len(gaps) and (2 * len(others) > neighbours.sum() or len(others) >= FEW):
        raise DataError(
            f"{path}: most rows are {in_words(own)} apart, but the run was trained on rows that are "
            f"{in_words(expected)} apart, as a forecast needs them{_example(table, own)}"
        )
    return expected, others


def _example(table: SeriesTable, own: str | float) -> str:
    """Return two rows that show a table's own step."""
    rows = np.flatnonzero(~table.starts_series)
    fits = np.setdiff1d(rows, gap_rows(table.known_times, ~table.starts_series, own, table.wall))
    return f"; here, for one:{listed_gaps(table, fits[:1])}"


def _missing(table: SeriesTable, gaps: np.ndarray, frequency: Frequency) -> np.ndarray:
    """Return the times that are missing before the rows `gaps`; none for numbers, and from one gap of many rows on."""
    times = table.known_times
    found = [times[:0]]
    if isinstance(frequency, str):
        for count in range(1, MOST_MISSING + 1):
            ahead = moved(times[gaps - 1], frequency, count)
            found.append(ahead[ahead < times[gaps]])
        if len(found[-1]):
            return times[:0]
    return np.concatenate(found)


# --- windows end at gaps ----------------------------------------------------------------------------------------------


def broken(parts: Mapping[str, Segments], gaps: np.ndarray | None) -> dict[str, Segments]:
    """Return the segments of each split, cut before each row that does not follow the row before it."""
    return {name: _cut(segments, gaps) for name, segments in parts.items()}


def _cut(segments: Segments, gaps: np.ndarray | None) -> Segments:
    if gaps is None:
        return segments
    pieces: list[tuple[int, int]] = []
    for first, past in segments:
        inner = gaps[np.searchsorted(gaps, first, side="right") : np.searchsorted(gaps, past)].tolist()
        pieces += zip([first, *inner], [*inner, past], strict=True)
    return tuple(pieces)


# --- gaps are filled --------------------------------------------------------------------------------------------------


def filled(path: Path, table: SeriesTable, expected: Frequency) -> SeriesTable:
    """Return the table with a row of empty cells for each missing time, with a warning.

    Such a row is called after the row before it: line 21+1. Raises DataError, naming rows, for times between the steps,
    and if far more rows are missing than there are.
    """
    frequency, gaps = _step(path, table, expected)
    if frequency is None or not len(gaps):
        return table
    steps = _steps_between(path, table, gaps, frequency)
    before = np.repeat(gaps - 1, steps - 1)  # (missing,) the row before each missing time
    numbers = np.concatenate([np.arange(1, count) for count in steps])  # (missing,) its steps from there
    longer = _with_rows(table, before, numbers, onward(table.times_of(before), frequency, numbers))
    told = (
        f"{path}: {counted(len(before), 'missing time')}, {in_words(frequency)} apart, filled with empty cells "
        f"(gaps: fill):{listed_gaps(table, gaps)}"
    )
    return longer.warned(_with_cause(told, table, gaps, frequency))


def _steps_between(path: Path, table: SeriesTable, gaps: np.ndarray, step: str | float) -> np.ndarray:
    """Return how many steps each row (gaps,) is after the row before it; raise DataError if it is between two."""
    times = table.times_of(gaps).local if by_the_wall(step) else table.known_times[gaps]
    before = table.times_of(gaps - 1).local if by_the_wall(step) else table.known_times[gaps - 1]
    count = steps_to(before, times, step)
    between = ~same(moved(before, step, count), times, step)
    if between.any():
        raise DataError(
            f"{path}: {counted(int(between.sum()), 'row')} that no number of steps of {in_words(step)} leads to, so "
            "that gaps cannot be filled (dataset.gaps: break or keep can have them):"
            f"{listed_gaps(table, gaps[between])}"
        )
    missing, rows = int((count - 1).sum()), len(table.frame)
    if missing > MOST_FILLED * rows:
        raise DataError(
            f"{path}: to fill the gaps, {missing:,} empty rows would be needed among {rows:,}; are the times right? "
            f"(dataset.gaps: break or keep needs none){listed_gaps(table, gaps)}"
        )
    return count


def _with_rows(table: SeriesTable, before: np.ndarray, numbers: np.ndarray, times: Times) -> SeriesTable:
    """Return the table with empty rows (missing,) at these times, each `numbers` rows after the row `before` it."""
    import pandas as pd

    index, frame = table.frame.index, table.frame
    labels = [f"{index[row]}+{number}" for row, number in zip(before.tolist(), numbers.tolist(), strict=True)]
    empty = pd.DataFrame(np.nan, index=pd.Index(labels, dtype=object), columns=frame.columns)
    order = np.argsort(np.concatenate([np.arange(len(frame)), before]), kind="stable")
    longer = pd.concat([frame, empty]).iloc[order]

    def moved_on(bound: int) -> int:
        return bound + int(np.searchsorted(before, bound))

    longer.index.name = index.name
    wall = None if table.wall is None else np.concatenate([table.wall, times.local])[order]
    return replace(
        table,
        frame=longer,
        times=np.concatenate([table.known_times, times.instants])[order],
        wall=wall,
        bounds=tuple((moved_on(low), moved_on(past)) for low, past in table.bounds),
    )


def _with_cause(told: str, table: SeriesTable, gaps: np.ndarray, frequency: Frequency) -> str:
    """Return what is told of gaps, and that they come from daylight saving time if they do."""
    daylight = daylight_saving(table, missing=_missing(table, gaps, frequency))
    return f"{told}\n{daylight}" if daylight else told
