"""Cutting windows from series: where all of them begin, computed at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqrun.components.splits import Windows
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.splits import Segments
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


def cut(
    framing: Framing,
    features: np.ndarray,
    values: np.ndarray,
    parts: Mapping[str, Segments],
    *,
    times: np.ndarray | None = None,
    limit: int | None = None,
) -> dict[str, Windows]:
    """Return each split's windows; with a `limit` at most so many, spread evenly over the split."""
    inputs, targets = input_rows(framing), target_rows(framing)
    starts = {name: _spread(window_starts(framing, segments), limit) for name, segments in parts.items()}
    return {name: Windows(features, values, starts[name], inputs, targets, parts[name], times) for name in parts}


def _spread(starts: np.ndarray, limit: int | None) -> np.ndarray:
    if limit is None or limit >= len(starts):
        return starts
    return starts[np.arange(limit) * len(starts) // limit]
