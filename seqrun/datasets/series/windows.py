"""Cutting windows from series: where all of them begin, computed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from seqrun.components.splits import Windows
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.splits import Segments
from seqrun.datasets.series.steps import Frequency
from seqrun.errors import DataError


def window_starts(framing: Framing, segments: Segments) -> np.ndarray:
    """Return the first row of every window inside the segments, (windows,) int64; windows begin `stride` rows apart."""
    first, past = np.array(segments, np.int64).reshape(-1, 2).T  # (segments,) each
    counts = np.maximum((past - first - framing.rows) // framing.stride + 1, 0)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)  # of each window in its segment
    return np.repeat(first, counts) + number * framing.stride


def input_rows(framing: Framing) -> np.ndarray:
    """Return the input rows of a window, counted from its start: (time,) int64."""
    return np.arange(framing.time, dtype=np.int64) * framing.step


def target_rows(framing: Framing) -> np.ndarray:
    """Return the target rows of a window, counted from its start, int64: (horizon,), or for a sequence (time, horizon).

    The last row of a sequence equals the target rows of a direct forecast.
    """
    horizon = framing.delay + np.arange(framing.horizon, dtype=np.int64)
    if framing.forecast == "sequence":
        return input_rows(framing)[:, None] + framing.step + horizon
    return framing.lookback + horizon


def check_rows(framing: Framing, parts: Mapping[str, Segments]) -> None:
    """Raise DataError, naming the number of rows needed, if a split is too short for one window."""
    longest = {name: max((past - first for first, past in segments), default=0) for name, segments in parts.items()}
    short = {name: rows for name, rows in longest.items() if rows < framing.rows}
    if short:
        lines = [f"a window takes {framing.rows:,} rows ({framing}), and none fits into"]
        several = any(len(parts[name]) > 1 for name in short)
        for name, rows in short.items():
            lines.append(f"  {name}: {rows:,} rows{' in its longest stretch' if len(parts[name]) > 1 else ''}")
        help = "shorten the window, or give these splits more rows with dataset.splits"
        gaps = "; where gaps between rows end a stretch, dataset.gaps can keep or fill them" if several else ""
        raise DataError("\n".join([*lines, f"{help}{gaps}"]))


def known_starts(framing: Framing, segments: Segments, observed: np.ndarray | None) -> np.ndarray:
    """Return the first row of every window of which a value that is forecast is observed: (windows,).

    `observed` is (rows, targets) booleans; None: all values are.
    """
    starts = window_starts(framing, segments)
    if observed is None:
        return starts
    before = np.concatenate([[0], np.cumsum(observed.any(axis=1))])  # how many rows before each have a value
    first = starts + framing.lookback + framing.delay
    return starts[before[first + framing.horizon] > before[first]]


def cut(
    framing: Framing,
    features: np.ndarray,
    values: np.ndarray,
    parts: Mapping[str, Segments],
    *,
    times: np.ndarray | None = None,
    limit: int | None = None,
    observed: np.ndarray | None = None,
    series: np.ndarray | None = None,
    between: tuple[np.ndarray, np.ndarray] | None = None,
    axis_step: Frequency = None,
) -> dict[str, Windows]:
    """Return each split's windows; with a `limit` at most so many, spread evenly over the split.

    The other arrays and the step of the axis are those of Windows. Windows of which no value to forecast is observed
    are left out.
    """
    starts = {name: spread(known_starts(framing, segments, observed), limit) for name, segments in parts.items()}
    whole = Windows(
        features, values, np.empty(0, np.int64), input_rows(framing), target_rows(framing), (), times, observed, series
    )
    whole = replace(whole, step=axis_step)
    if between is not None:
        whole = replace(whole, between=between[0], between_end=between[1])
    return {name: replace(whole, starts=starts[name], segments=parts[name]) for name in parts}


def spread(starts: np.ndarray, limit: int | None) -> np.ndarray:
    """Return at most so many of the windows, spread evenly over all."""
    if limit is None or limit >= len(starts):
        return starts
    return starts[np.arange(limit) * len(starts) // limit]
