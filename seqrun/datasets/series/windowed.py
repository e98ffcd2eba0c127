"""Splits of windows from tables of series; what is fitted is fitted on the training rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqrun.components.provenance import Source
from seqrun.components.splits import Splits, Windows
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.future import foreseen, future_leaks, future_warning
from seqrun.datasets.series.gaps import broken
from seqrun.datasets.series.missing import between
from seqrun.datasets.series.scales import Pieces, by_series, hidden_columns, level_warning
from seqrun.datasets.series.splits import Ranges, Segments, latest, split_rows
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.series.windows import check_rows, cut, known_starts, spread, window_starts
from seqrun.datasets.shared.fields import Fractions
from seqrun.datasets.shared.scaling import hidden_warning
from seqrun.errors import DataError
from seqrun.readable import counted, listed


def split_up(
    table: SeriesTable, rule: Fractions | Ranges, framing: Framing, train_fraction: float = 1.0
) -> dict[str, Segments]:
    """Return the rows of each split, whose segments end at the table's gaps; of those for training the latest fraction.

    Raises DataError if a split is too short for one window.
    """
    rows = split_rows(rule, table.bounds, table.local_times)
    parts = broken(rows, table.gaps)
    check_rows(framing, parts)
    if train_fraction == 1:
        return parts
    parts = broken({**rows, "train": latest(rows["train"], train_fraction)}, table.gaps)
    longest = max(past - first for first, past in parts["train"])
    if longest < framing.rows:
        raise DataError(
            f"dataset.train_fraction: {train_fraction:g} of the training rows has no more than {longest:,} in one "
            f"stretch, and a window takes {framing.rows:,} ({framing}); give a larger fraction, or shorten the window"
        )
    return parts


def windowed(
    table: SeriesTable,
    parts: Mapping[str, Segments],
    encoder: SeriesEncoder,
    *,
    limit: int | None,
    train_fraction: float = 1.0,
    sources: tuple[Source, ...] = (),
) -> Splits:
    """Return the splits. All windows share one array of inputs and one of targets.

    The rows for training in `parts` are the `train_fraction` already; it is given because a limit is cut by it too.
    Raises DataError if the file has nothing of what the windows of a split would forecast.
    """
    splits, told = cut_up(table, parts, encoder, encoder.pieces(table), limit)
    if limit is not None and train_fraction < 1:
        kept = max(round(train_fraction * limit), 1)
        splits["train"] = splits["train"].taken(spread(np.arange(len(splits["train"])), kept))
    alike = [] if encoder.own else level_warning(table, encoder.targets, parts["train"])
    lacking = without_windows(encoder.framing, table, parts)
    known = foreseen(table, parts["train"], encoder.features, encoder.targets, encoder.framing)
    warnings = (*table.warnings, *lacking, *told.unknown, *alike, *told.hidden, *future_warning(known))
    return Splits(
        encoder.spec,
        splits["train"],
        splits["validation"],
        splits["test"],
        sources=sources,
        artifacts=encoder.artifacts(),
        warnings=warnings,
        series={name: _windows_of_series(table, part) for name, part in splits.items()},
        leaks=future_leaks(known, encoder.features),
    )


class Told(NamedTuple):
    """What is to be said of windows: which cannot be scored, and what float32 hides."""

    unknown: Sequence[str]
    hidden: Sequence[str]


def cut_up(
    table: SeriesTable, parts: Mapping[str, Segments], encoder: SeriesEncoder, pieces: Pieces, limit: int | None = None
) -> tuple[dict[str, Windows], Told]:
    """Return the windows of each part of a table, which share its arrays, and what is to be said of them.

    `pieces` are the scales of its rows. Raises DataError as `windowed` does.
    """
    framing = encoder.framing
    hidden = hidden_columns(table.frame, [*encoder.features, *encoder.targets], pieces)
    dtype = np.float64 if hidden else np.float32
    observed = table.has(encoder.targets)
    unknown = [*_unknown_windows(framing, parts, observed)]
    windows = cut(
        framing,
        encoder.inputs(table.frame, table.local_times, pieces, dtype),
        table.frame[list(encoder.targets)].to_numpy(np.float64),
        parts,
        times=table.local_times,
        limit=limit,
        observed=observed,
        series=_series_numbers(table),
        between=_between(table, encoder, pieces, dtype),
        axis_step=table.frequency,
    )
    return windows, Told(unknown, hidden_warning(hidden))


def _windows_of_series(table: SeriesTable, windows: Windows) -> dict[str, int]:
    """Return how many of the windows each series has; nothing of series without a name."""
    if windows.sample_series is None:
        return {}
    counts = np.bincount(windows.sample_series, minlength=len(table.names)).tolist()
    return {name: count for name, count in zip(table.names, counts, strict=True) if name is not None}


def _series_numbers(table: SeriesTable) -> np.ndarray | None:
    """Return the number of each row's series, (rows,) int32; None if there is one."""
    if table.names == (None,):
        return None
    lengths = [past - first for first, past in table.bounds]
    return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


def _between(
    table: SeriesTable, encoder: SeriesEncoder, pieces: Pieces, dtype: type[np.floating]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what Windows has of features between two values; None if values are carried forward alone.

    So they are for forecasts at every step of the input: at most of these steps the next value is not known yet.
    """
    lines = None if encoder.framing.forecast == "sequence" else between(table)
    if lines is None:
        return None
    frame, ends = lines
    features = encoder.inputs(frame, table.local_times, pieces, dtype)
    rows = np.tile(np.arange(len(frame), dtype=np.int32)[:, None], features.shape[1])  # the calendar is known
    for number, name in enumerate(encoder.features):
        rows[:, number] = ends[:, frame.columns.get_loc(name)]
    return features, rows


def _unknown_windows(framing: Framing, parts: Mapping[str, Segments], observed: np.ndarray | None) -> Iterator[str]:
    """Yield how many windows of a split are left out because the file has nothing of what they forecast.

    Raises DataError if none is left.
    """
    for split, segments in parts.items():
        every, kept = len(window_starts(framing, segments)), len(known_starts(framing, segments, observed))
        if not kept:
            raise DataError(
                f"{split}: the file has no value of what its {counted(every, 'window')} would forecast; "
                "give this split other rows with dataset.splits"
            )
        if kept < every:
            yield f"{split}: {counted(every - kept, 'window')} of {every:,} left out: all that they forecast is empty"


def without_windows(framing: Framing, table: SeriesTable, parts: Mapping[str, Segments]) -> Iterable[str]:
    """Yield a warning for each split in which named series have too few rows for a window."""
    if table.names == (None,) * len(table.names):
        return
    for split, segments in parts.items():
        found = by_series(table, segments)
        rows = {
            name: max((past - first for first, past in found.get(str(name), [])), default=0) for name in table.names
        }
        short = [f"{name}: {count:,} rows" for name, count in rows.items() if count < framing.rows]
        if short:
            yield (
                f"{split} has no window of {len(short):,} of {len(table.names):,} series; one takes {framing.rows:,} "
                f"rows:{listed(short)}"
            )


def told_of_rows(path: Path, table: SeriesTable, splits: Splits) -> str:
    """Return, as a line, how many rows were read, what was made of them, and what was left out."""
    several = f"{len(table.names):,} series, " if table.names != (None,) else ""
    windows = sum(map(len, (splits.train, splits.validation, splits.test)))
    return table.account.told(path, several + counted(windows, "window"))
