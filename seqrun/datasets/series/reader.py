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
from seqrun.datasets.series.encoding import SERIES_FILE, SeriesEncoder
from seqrun.datasets.series.evaluating import every_window
from seqrun.datasets.series.from_array import ARRAY, read_array
from seqrun.datasets.series.problems import format_problems, zone_problems
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.errors import DataError, InputError, Parameter

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
        """Return all windows of a table, or of an array that has the targets too, each with what follows it."""
        for name, given in (("column", column), ("label", label)):
            if given is not None:
                raise InputError(Parameter(name, given), ": the run's config says which columns are read")
        if path.suffix.lower() != ARRAY and ending(path) is None:
            raise wrong_ending(path, (*ENDINGS, ARRAY))
        return every_window(self.encoder, path, spec)

    def _from_array(self, path: Path) -> NewSamples:
        """Return the samples of an array in original units: (rows, features), or (series, rows, features).

        Its rows must be as far apart in time as the run's own.
        """
        table, framing, features = read_array(self.encoder, path), self.encoder.framing, self.encoder.features
        several, rows = table.names != (None,), table.bounds[0][1]
        if rows < framing.lookback:
            raise DataError(f"{path}: a forecast is made from the last {framing.lookback:,} rows, there are {rows:,}")
        ends = [np.arange(past - framing.lookback, past, framing.step) for _, past in table.bounds]
        last = np.stack(ends)  # (series, time) rows
        times = np.tile(rows + framing.delay + np.arange(framing.horizon), (len(last), 1))
        index = np.arange(len(last))
        scales, warnings = self.encoder.scales_of(path, table, named=False)
        pieces = [(slice(n * last.shape[1], (n + 1) * last.shape[1]), each) for n, each in enumerate(scales)]
        frame = table.frame.iloc[last.ravel()]
        inputs = self.encoder.inputs(frame, None, pieces).reshape(*last.shape, len(features))
        names = table.names
        ids = Key.of("series", np.array(names)) if several else None
        units = self.encoder.units(scales)
        return NewSamples(inputs, index, warnings=warnings, ids=ids, ahead=Key("row", times), units=units)
