"""Series in an array: a run's features in their order and in original units, without times."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqrun.datasets.files.arrays import read_numbers
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.table import SeriesTable
from seqrun.errors import DataError, InputError, Parameter

ARRAY = ".npy"


def read_array(encoder: SeriesEncoder, path: Path) -> SeriesTable:
    """Return the series of an array (rows, features), or (series, rows, features), whose times are their rows' numbers.

    Its rows must be as far apart in time as the run's own. Raises InputError for a run that looks at the calendar, and
    DataError for an array of another shape.
    """
    import pandas as pd

    if encoder.calendar:
        why = ": the run looks at the calendar, and an array has no times; give a table"
        raise InputError(Parameter("input", path), why)
    array, features = read_numbers(path), encoder.features
    stacked = _stacked(array)
    if stacked.ndim != 3 or stacked.shape[2] != len(features):
        wanted = f"(rows, {len(features)}) or (series, rows, {len(features)}): {', '.join(features)}"
        raise DataError(f"{path}: has the shape {array.shape}; the run reads {wanted}")
    count, rows = stacked.shape[:2]
    times = np.tile(np.arange(rows), count)
    index = pd.RangeIndex(count * rows, name="row")
    frame = pd.DataFrame(stacked.reshape(-1, len(features)), index, columns=[*features])
    names = tuple(map(str, range(count))) if array.ndim == 3 else (None,)
    return SeriesTable(frame, times, names, tuple((rows * number, rows * (number + 1)) for number in range(count)))


def _stacked(array: np.ndarray) -> np.ndarray:
    """Return an array of one series, or of several, as (series, rows, features)."""
    array = array[:, None] if array.ndim == 1 else array
    return array[None] if array.ndim == 2 else array
