"""Splits of windows from tables of series; scales are fitted on the training rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from seqrun.components.provenance import Source
from seqrun.components.splits import Splits
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.gaps import broken
from seqrun.datasets.series.missing import interpolated
from seqrun.datasets.series.splits import Ranges, Segments, split_rows
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.series.windows import check_rows, cut
from seqrun.datasets.shared.fields import Fractions, Scaler
from seqrun.datasets.shared.scaling import Scale, fit_scale
from seqrun.readable import listed


def split_up(
    path: Path, table: SeriesTable, rule: Fractions | Ranges, framing: Framing
) -> tuple[SeriesTable, dict[str, Segments]]:
    """Return the table, with cells interpolated where the policy says so, and the rows of each split.

    Segments end at the table's gaps. Raises DataError if a split is too short for one window.
    """
    parts = split_rows(rule, table.bounds, table.local_times)
    sections = sorted(segment for segments in parts.values() for segment in segments)
    pieces = broken(parts, table.gaps)
    check_rows(framing, pieces)
    return interpolated(path, table, sections), pieces


def fitted_scales(kind: Scaler, table: SeriesTable, columns: Iterable[str], training: Segments) -> dict[str, Scale]:
    """Return the scale of each column, fitted on the rows of `training` alone."""
    rows = np.zeros(len(table.frame), bool)
    for first, past in training:
        rows[first:past] = True
    return {name: fit_scale(kind, table.frame[name].to_numpy()[rows]) for name in dict.fromkeys(columns)}


def windowed(
    table: SeriesTable,
    parts: Mapping[str, Segments],
    encoder: SeriesEncoder,
    *,
    limit: int | None,
    sources: tuple[Source, ...] = (),
) -> Splits:
    """Return the splits. All windows share one array of inputs and one of targets."""
    features = encoder.inputs(table.frame, table.local_times)
    values = encoder.values(table.frame)
    splits = cut(encoder.framing, features, values, parts, times=table.local_times, limit=limit)
    warnings = (*table.warnings, *_without_windows(encoder.framing, table, parts))
    return Splits(
        encoder.spec,
        splits["train"],
        splits["validation"],
        splits["test"],
        sources=sources,
        artifacts=encoder.artifacts(),
        warnings=tuple(warnings),
        series={name: _windows_of_series(table, part.starts) for name, part in splits.items()},
    )


def _windows_of_series(table: SeriesTable, starts: np.ndarray) -> dict[str, int]:
    """Return how many of the windows that begin at these rows each series has; nothing of one without a name."""
    found = zip(table.names, table.bounds, strict=True)
    return {name: int(((low <= starts) & (starts < past)).sum()) for name, (low, past) in found if name is not None}


def _without_windows(framing: Framing, table: SeriesTable, parts: Mapping[str, Segments]) -> Iterable[str]:
    """Yield a warning for each split in which named series have too few rows for a window."""
    if table.names == (None,) * len(table.names):
        return
    for split, segments in parts.items():
        rows = {first: past - first for first, past in segments}  # the length of each segment, by its first row
        short = []
        for name, (low, high) in zip(table.names, table.bounds, strict=True):
            count = max((rows[first] for first in rows if low <= first < high), default=0)
            if count < framing.rows:
                short.append(f"{name}: {count:,} rows")
        if short:
            yield (
                f"{split} has no window of {len(short):,} of {len(table.names):,} series; one takes {framing.rows:,} "
                f"rows:{listed(short)}"
            )
