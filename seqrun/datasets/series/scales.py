"""The scales of series: of a column over all of them, or of each series by itself; from training rows alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.datasets.series.splits import Segment
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.shared.fields import Scaler
from seqrun.datasets.shared.scaling import Scale, check_in_float32, fit_scale, lost_in_float32
from seqrun.errors import DataError
from seqrun.readable import figure, listed_names

if TYPE_CHECKING:
    from pandas import DataFrame

Scales = Mapping[str, Scale]  # column -> scale
Pieces = Sequence[tuple[slice, Scales]]  # rows, and the scales of their columns

LARGEST = float(np.finfo(np.float64).max)
LEVELS = 1000  # how many times one series may be larger than another before it is said


def fitted_scales(
    kind: Scaler, table: SeriesTable, columns: Iterable[str], training: Sequence[Segment]
) -> dict[str, Scale]:
    """Return the scale of each column, fitted on the rows of `training` alone, and on what the file has of them.

    Raises DataError for values whose distance no float64 can hold.
    """
    segments = sorted(training)
    found = {name: fit_scale(kind, _values(table, name, segments)) for name in dict.fromkeys(columns)}
    for name, scale in found.items():
        if not np.isfinite(scale).all():
            raise DataError(f"the training values of {name} are too far apart to be scaled: {figure(LARGEST)} at most")
    return found


def own_scales(
    kind: Scaler, table: SeriesTable, columns: Sequence[str], training: Sequence[Segment]
) -> dict[str, dict[str, Scale]]:
    """Return the scales of each series with rows of `training`, by its name, fitted on these rows alone."""
    found = {}
    for name, segments in by_series(table, training).items():
        found[name] = fitted_scales(kind, table, columns, segments)
    return found


def check_all_scaled(path: Path, table: SeriesTable, own: Mapping[str, Scales]) -> None:
    """Raise DataError, naming them, for series that have no scale of their own because no training row is theirs."""
    without = [str(name) for name in table.names if name not in own]
    if without:
        raise DataError(
            f"{path}: {listed_names(without)}: no training rows by which they could be scaled, as dataset.scaler has "
            "it (per: series); give them some with dataset.splits, or leave these series out"
        )


def level_warning(table: SeriesTable, targets: Sequence[str], training: Sequence[Segment]) -> list[str]:
    """Return a warning if the training values of some series are more than a thousand times as large as another's."""
    for name in targets:
        sizes = {}
        for series, segments in by_series(table, training).items():
            sizes[series] = float(np.abs(_values(table, name, segments)).mean())
        sizes = {series: size for series, size in sizes.items() if size > 0}
        if sizes and max(sizes.values()) > LEVELS * min(sizes.values()):
            most, least = (find(sizes, key=sizes.__getitem__) for find in (max, min))
            return [
                f"{name} is about {figure(sizes[most])} in series {most} and {figure(sizes[least])} in {least}: scaled "
                "alike, the network hardly sees how the small ones vary, and they hardly count in the metrics; "
                "dataset.scaler: {name: standard, per: series} scales each by itself"
            ]
    return []


def in_network_units(frame: DataFrame, column: str, pieces: Pieces) -> np.ndarray:
    """Return a column in the network's units, (rows,) float64."""
    values = frame[column].to_numpy()
    scaled = np.empty(len(values))
    for rows, scales in pieces:
        offset, scale = scales[column]
        scaled[rows] = (values[rows] - offset) / scale
    return scaled


def hidden_columns(frame: DataFrame, columns: Iterable[str], pieces: Pieces) -> dict[str, float]:
    """Return the columns of which a network, which computes in float32, cannot see how they vary.

    Each with the step from one float32 to the next there, in the network's units. Raises DataError for a column whose
    values are too large for float32.
    """
    found = {}
    for name in dict.fromkeys(columns):
        values = in_network_units(frame, name, pieces)
        check_in_float32(name, values)
        if (step := lost_in_float32(values)) is not None:
            found[name] = step
    return found


def _values(table: SeriesTable, column: str, segments: Sequence[Segment]) -> np.ndarray:
    """Return the column's values in these rows, of those that the file has; all, if it has none of them."""
    number, every = list(table.frame.columns).index(column), table.frame[column].to_numpy()
    values = np.concatenate([every[first:past] for first, past in segments])
    if table.observed is None:
        return values
    seen = np.concatenate([table.observed[first:past, number] for first, past in segments])
    return values[seen if seen.any() else slice(None)]


def by_series(table: SeriesTable, segments: Iterable[Segment]) -> dict[str, list[Segment]]:
    """Return the segments of each series that has some, by its name."""
    firsts = [low for low, _ in table.bounds]
    found: dict[str, list[Segment]] = {}
    for segment in segments:
        found.setdefault(str(table.names[bisect_right(firsts, segment[0]) - 1]), []).append(segment)
    return found
