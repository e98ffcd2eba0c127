"""Reads the ends of new series, from a file like the run's own or from an array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.reading import LabelledSamples, NewSamples, Reader, wrong_ending
from seqrun.components.splits import Spec
from seqrun.datasets.files.arrays import read_numbers
from seqrun.datasets.series.encoding import SERIES_FILE, SeriesEncoder
from seqrun.datasets.series.evaluating import every_window
from seqrun.datasets.series.problems import format_problems, zone_problems
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.errors import DataError, InputError, Parameter

ARRAY = ".npy"
OWN = ("time_format", "time_zone", "missing", "gaps", "duplicates")  # settings of a Reading, beside its layout's


@dataclass(frozen=True)
class SeriesReader(Reader):
    """Reads the last rows of every series, as many as the run's window has; each makes one sample, with one forecast.

    A table has the run's columns. An array has its features in the same order, in original units.
    """

    endings = (*ENDINGS, ARRAY)

    encoder: SeriesEncoder

    @classmethod
    def from_artifacts(cls, artifacts: Mapping[str, bytes]) -> Self | None:
        """Return the reader of a run with these artifacts; None if they do not describe how series are read."""
        return cls(SeriesEncoder.from_artifacts(artifacts)) if SERIES_FILE in artifacts else None

    def written(self, settings: Mapping[str, Any], path: Path) -> Reader:
        if path.suffix.lower() == ARRAY:
            return super().written(settings, path)
        own = {name: value for name, value in settings.items() if name in OWN}
        for name, problems_of in (("time_zone", zone_problems), ("time_format", format_problems)):
            for problem in problems_of(own.get(name)):
                raise InputError(Parameter(name, own[name]), f": {problem.message}")
        others = {name: value for name, value in settings.items() if name not in OWN}
        reading = self.encoder.reading
        reading = replace(reading, layout=reading.layout.written(others, path), **own)
        return replace(self, encoder=replace(self.encoder, reading=reading))

    def reads(self, path: Path) -> bool:
        """Return whether this reader reads files with the path's ending; a table may also be compressed."""
        return path.suffix.lower() == ARRAY or ending(path) is not None

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the end of every series; raise DataError, naming the place, for what cannot be used in the file."""
        if column is not None:
            raise InputError(Parameter("column", column), ": the run's config says which columns are read")
        if path.suffix.lower() == ARRAY:
            return self._from_array(path)
        windows, reading = self.encoder.last_windows(path), self.encoder.reading
        named = windows.series != (None,)
        ids = Key.of(reading.series_id or "series", np.array(list(map(str, windows.series)))) if named else None
        time = reading.time or ("time" if windows.times.dtype.kind == "M" else "row")
        index = np.arange(len(windows.inputs))
        ahead = Key(time, windows.times)
        return NewSamples(windows.inputs, index, warnings=windows.warnings, ids=ids, ahead=ahead, units=windows.units)

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return all windows of a table, each with what follows it."""
        for name, given in (("column", column), ("label", label)):
            if given is not None:
                raise InputError(Parameter(name, given), ": the run's config says which columns are read")
        if path.suffix.lower() == ARRAY:
            why = ": of an array it is not known which columns are targets; give a table with the run's columns"
            raise InputError(Parameter("input", path), why)
        if ending(path) is None:
            raise wrong_ending(path, ENDINGS)
        return every_window(self.encoder, path, spec)

    def _from_array(self, path: Path) -> NewSamples:
        """Return the samples of an array in original units: (rows, features), or (series, rows, features).

        Its rows must be as far apart in time as the run's own.
        """
        import pandas as pd

        array, features, framing = read_numbers(path), self.encoder.features, self.encoder.framing
        if self.encoder.calendar:
            why = ": the run looks at the calendar, and an array has no times; give a table"
            raise InputError(Parameter("input", path), why)
        several = array.ndim == 3
        stacked = _stacked(array)
        if stacked.ndim != 3 or stacked.shape[2] != len(features):
            wanted = f"(rows, {len(features)}) or (series, rows, {len(features)}): {', '.join(features)}"
            raise DataError(f"{path}: has the shape {array.shape}; the run reads {wanted}")
        rows = stacked.shape[1]
        if rows < framing.lookback:
            raise DataError(f"{path}: a forecast is made from the last {framing.lookback:,} rows, there are {rows:,}")
        last = stacked[:, rows - framing.lookback :: framing.step]  # (series, time, features)
        times = np.tile(rows + framing.delay + np.arange(framing.horizon), (len(last), 1))
        index = np.arange(len(last))
        names = [*map(str, index)] if several else [None]
        bounds = tuple((rows * number, rows * (number + 1)) for number in index.tolist())
        every = pd.DataFrame(stacked.reshape(-1, len(features)), columns=features)
        scales, warnings = self.encoder.scales_of(path, SeriesTable(every, None, tuple(names), bounds), named=False)
        pieces = [(slice(n * last.shape[1], (n + 1) * last.shape[1]), each) for n, each in enumerate(scales)]
        frame = pd.DataFrame(last.reshape(-1, len(features)), columns=features)
        inputs = self.encoder.inputs(frame, None, pieces).reshape(last.shape)
        ids = Key.of("series", np.array(names)) if several else None
        units = self.encoder.units(scales)
        return NewSamples(inputs, index, warnings=warnings, ids=ids, ahead=Key("row", times), units=units)


def _stacked(array: np.ndarray) -> np.ndarray:
    """Return an array of one series, or of several, as (series, rows, features)."""
    array = array[:, None] if array.ndim == 1 else array
    return array[None] if array.ndim == 2 else array
