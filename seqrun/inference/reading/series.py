"""The ends of new series, read as the run's own were, or from an array."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.series.encoding import SERIES_FILE, SeriesEncoder
from seqrun.datasets.shared.tables import ENDINGS, ending
from seqrun.errors import DataError, UsageError
from seqrun.inference.arrays import read_numbers
from seqrun.inference.reading.samples import read_samples
from seqrun.inference.saved import SavedRun


@dataclass(frozen=True)
class NewSeries:
    """The end of each new series, as the network reads it."""

    inputs: np.ndarray  # (series, time, features)
    times: np.ndarray  # (series, horizon) of what is forecast
    names: tuple[str, ...] | None  # of each series; None: there is one, without a name
    time_name: str = "row"
    series_name: str = "series"
    warnings: tuple[str, ...] = ()


def read_series(saved: SavedRun, path: Path) -> NewSeries:
    """The end of every series in a table with the run's columns, or in an array (.npy) of its features in their order.

    Raises UsageError for a file of another kind, and DataError, with the place, for what cannot be used in it.
    """
    is_array = path.suffix.lower() == ".npy"
    if not is_array and ending(path) is None:
        raise UsageError(f"--input {path}: the ending is none of {', '.join((*ENDINGS, '.npy'))}")
    if SERIES_FILE not in saved.artifacts:
        return _as_it_is(saved, path)
    encoder = SeriesEncoder.from_artifacts(saved.artifacts)
    if is_array:
        return _from_array(encoder, path)
    windows = encoder.last_windows(path)
    reading = encoder.reading
    names = None if windows.series == (None,) else tuple(map(str, windows.series))
    time_name = reading.time or ("time" if windows.times.dtype.kind == "M" else "row")
    series_name = reading.series_id or "series"
    return NewSeries(windows.inputs, windows.times, names, time_name, series_name, windows.warnings)


def _from_array(encoder: SeriesEncoder, path: Path) -> NewSeries:
    """Of values in original units, (rows,), (rows, features) or (series, rows, features), as far apart as the run's."""
    import pandas as pd

    array, features, framing = read_numbers(path), encoder.features, encoder.framing
    if encoder.calendar:
        raise UsageError(f"--input {path}: the run looks at the calendar, and an array has no times; give a table")
    if array.ndim == 1:
        array = array[:, None]
    several = array.ndim == 3
    if not several:
        array = array[None]
    if array.ndim != 3 or array.shape[2] != len(features):
        wanted = f"(rows, {len(features)}) or (series, rows, {len(features)}): {', '.join(features)}"
        raise DataError(f"{path}: has the shape {np.load(path).shape}; the run reads {wanted}")
    rows = array.shape[1]
    if rows < framing.lookback:
        raise DataError(f"{path}: a forecast is made from the last {framing.lookback:,} rows, there are {rows:,}")
    last = array[:, rows - framing.lookback :: framing.step]  # (series, time, features)
    inputs = encoder.inputs(pd.DataFrame(last.reshape(-1, len(features)), columns=features), None).reshape(last.shape)
    times = np.tile(rows + framing.delay + np.arange(framing.horizon), (len(array), 1))
    return NewSeries(inputs, times, tuple(map(str, range(len(array)))) if several else None)


def _as_it_is(saved: SavedRun, path: Path) -> NewSeries:
    """Windows for a network whose dataset keeps no encoder."""
    if path.suffix.lower() != ".npy":
        raise UsageError(
            f"--input {path}: the run's dataset says not how it reads a table; give an array as the network reads it, "
            f"(samples, {', '.join(map(str, saved.spec.input_shape))}), with --input FILE.npy"
        )
    inputs = read_samples(saved, path).inputs
    times = np.tile(np.arange(saved.spec.target.horizon), (len(inputs), 1))
    return NewSeries(inputs, times, tuple(map(str, range(len(inputs)))), "step")
