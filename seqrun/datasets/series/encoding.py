"""Converts series in original units to a forecaster's inputs and targets, and its output back.

Training data and new series at inference are converted by the same code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from seqrun.components.from_json import check_range, instance, read_object
from seqrun.components.splits import Spec
from seqrun.components.targets import SeriesTarget
from seqrun.components.units import Units
from seqrun.datasets.series.calendar import calendar_features, calendar_names
from seqrun.datasets.series.days import FEWEST_DAYS
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.gaps import listed_gaps
from seqrun.datasets.series.missing import between
from seqrun.datasets.series.ranges import Range, far_outside
from seqrun.datasets.series.reading import read_series
from seqrun.datasets.series.scales import Pieces, Scales, in_network_units, own_scales
from seqrun.datasets.series.step_words import in_words
from seqrun.datasets.series.steps import Frequency, after, offset
from seqrun.datasets.series.table import Reading, SeriesTable
from seqrun.datasets.series.time_axis import NUMBER, Times
from seqrun.datasets.shared.fields import CalendarFeature, Scaler
from seqrun.datasets.shared.layout import encoding_fault
from seqrun.errors import DataError
from seqrun.readable import listed, listed_names
from seqrun.rundir import shapes

if TYPE_CHECKING:
    from pandas import DataFrame

SERIES_FILE = "series.json"


@dataclass(frozen=True)
class LastWindows:
    """The end of each series of a table: what a network needs to forecast what follows."""

    series: tuple[str | None, ...]  # the name of each; None: there is one, without a name
    inputs: np.ndarray  # (series, time, features) float32, in the network's units
    times: np.ndarray  # (series, horizon) of what is forecast, as results have them (`Times.written`), or row numbers
    history: np.ndarray | None  # (series, lookback, targets) original units; None: no features
    history_times: np.ndarray  # (series, lookback)
    units: Units | None = None  # of each series' targets; None: all have the run's
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeriesEncoder:
    """The columns with their scales, the windows, and how a table is read; a run keeps it as `series.json`."""

    framing: Framing
    features: tuple[str, ...]  # columns, without the calendar's
    targets: tuple[str, ...]
    scales: Scales  # of every column; none where each series has its own
    calendar: tuple[CalendarFeature, ...] = ()
    frequency: Frequency = 1  # the time from row to row, as `find_frequency` says it
    reading: Reading = field(default_factory=Reading)
    source: Literal["table", "ridership"] = "table"  # what the columns are in, or made from
    ranges: Mapping[str, Range] = field(default_factory=dict)  # of every column, the values that training saw
    own: Mapping[str, Scales] = field(default_factory=dict)  # of each series that is scaled by itself
    scaler: Scaler = "standard"  # for series with scales of their own that training did not see

    def pieces(self, table: SeriesTable) -> Pieces:
        """Return the scales of a table's rows: the same for all, or those of each series."""
        if not self.own:
            return [(slice(None), self.scales)]
        return [(slice(*rows), self.own[str(name)]) for name, rows in zip(table.names, table.bounds, strict=True)]

    def inputs(
        self, frame: DataFrame, times: np.ndarray | None, pieces: Pieces, dtype: type[np.floating] = np.float32
    ) -> np.ndarray:
        """Return the inputs (rows, features): columns in the network's units, then the calendar features."""
        scaled = np.empty((len(frame), len(self.features) + 2 * len(self.calendar)), dtype)
        for number, name in enumerate(self.features):  # by column: no second table of doubles stands in memory
            scaled[:, number] = in_network_units(frame, name, pieces)
        if self.calendar:
            if times is None:
                raise ValueError("what the calendar says of rows without times is not known")
            scaled[:, len(self.features) :] = calendar_features(times, self.calendar)
        return scaled

    @property
    def target(self) -> SeriesTarget:
        """The target for the network."""
        steps = tuple(range(self.framing.time)) if self.framing.forecast == "sequence" else None
        target = SeriesTarget(self.targets, self.framing.horizon, steps, self.framing.forecast == "iterated")
        if self.own:
            offset, scale = zip(*map(self._target_scales, self.own.values()), strict=True)  # (series, targets) each
            return replace(target, offset=offset, scale=scale, series=tuple(self.own))
        offset, scale = self._target_scales(self.scales)
        return replace(target, offset=offset, scale=scale)

    def _target_scales(self, scales: Scales) -> tuple[tuple[float, ...], tuple[float, ...]]:
        offset, scale = zip(*(scales[name] for name in self.targets), strict=True)
        return offset, scale

    @property
    def spec(self) -> Spec:
        """The Spec for the architecture."""
        among = set(self.targets) <= set(self.features)
        target_features = tuple(self.features.index(name) for name in self.targets) if among else ()
        names = (*self.features, *calendar_names(self.calendar))
        return Spec((self.framing.time, len(names)), self.target, target_features=target_features)

    # --- inference ----------------------------------------------------------------------------------------------------

    def last_windows(self, path: Path) -> LastWindows:
        """Return the last window of every series in a table with the columns on which the run was trained.

        Raises DataError for a table that lacks a feature or has unusable cells, and for a series shorter than the
        lookback.
        """
        table = self._read(path)
        self._check_lengths(path, table)
        past = np.array([past for _, past in table.bounds])  # (series,)
        _check_gaps(path, table, self.framing.lookback)
        rows = past[:, None] - self.framing.lookback + np.arange(self.framing.lookback)  # (series, lookback)
        times = self._times(table)
        # Only these rows are scaled, so that a long table costs no more than a short one.
        lines = None if self.framing.forecast == "sequence" else between(table)
        flat = (table.frame if lines is None else lines[0]).iloc[rows.ravel()]
        scales, strangers = self.scales_of(path, table)
        pieces = [(slice(n * rows.shape[1], (n + 1) * rows.shape[1]), each) for n, each in enumerate(scales)]
        local = table.local_times
        inputs = self.inputs(flat, None if local is None else local[rows.ravel()], pieces)
        inputs = inputs.reshape(*rows.shape, -1)[:, :: self.framing.step]
        history = None
        if set(self.targets) <= set(flat.columns):
            history = flat[list(self.targets)].to_numpy().reshape(*rows.shape, len(self.targets))
        last = Times(times[past - 1]) if table.times is None else table.times_of(past - 1)
        frequency = table.frequency if self.frequency is None or table.times is None else self.frequency
        ahead = after(last, frequency, self.framing.delay, self.framing.horizon).written()
        warnings = (*table.warnings, *strangers, *far_outside(path, flat, self.ranges))
        return LastWindows(table.names, inputs, ahead, history, times[rows], self.units(scales), warnings)

    def scales_of(self, path: Path, table: SeriesTable, *, named: bool = True) -> tuple[list[Scales], tuple[str, ...]]:
        """Return the scales of each series of a table, and a warning of those that the run did not learn from.

        Where each series is scaled by itself, such a series, and one that is not `named`, is scaled by its own rows.
        Raises DataError if these do not hold its targets.
        """
        if not self.own:
            return [self.scales] * len(table.names), ()
        new = [(str(name), rows) for name, rows in zip(table.names, table.bounds, strict=True) if name not in self.own]
        if not named:
            new = [(str(name), rows) for name, rows in zip(table.names, table.bounds, strict=True)]
        if not new:
            return [self.own[str(name)] for name in table.names], ()
        names, rows = zip(*new, strict=True)
        told = (
            f"the run scales each series by itself and did not learn from {listed_names(names) if named else 'these'}"
        )
        unseen = [name for name in self.targets if name not in self.features]
        if unseen:
            why = f"which would be scaled by what the file holds, but {listed_names(unseen)} is not read"
            raise DataError(f"{path}: {told}, {why}")
        found = {**self.own, **own_scales(self.scaler, table, self.features, rows)}
        return [found[str(name)] for name in table.names], (f"{path}: {told}: scaled by what the file holds of them",)

    def units(self, scales: Sequence[Scales]) -> Units | None:
        """Return the units of samples with these scales, (samples, 1, targets); None if all have the run's."""
        if not self.own:
            return None
        pairs = np.array([[each[name] for name in self.targets] for each in scales])  # (samples, targets, 2)
        return Units(pairs[:, None, :, 0], pairs[:, None, :, 1])

    def _read(self, path: Path) -> SeriesTable:
        if self.source == "ridership":
            from seqrun.datasets.series.ridership_table import read_ridership

            return read_ridership(path)[0]
        return read_series(path, self.features, self.reading, self.frequency if self.reading.time else None)

    def _check_lengths(self, path: Path, table: SeriesTable) -> None:
        lengths = {name: past - first for name, (first, past) in zip(table.names, table.bounds, strict=True)}
        short = {name: rows for name, rows in lengths.items() if rows < self.framing.lookback}
        if short:
            lines = listed(f"{f'series {name}: ' if name else ''}{rows:,} rows" for name, rows in short.items())
            raise DataError(
                f"{path}: a forecast is made from the last {self.framing.lookback:,} rows, there are{lines}"
            )

    @staticmethod
    def _times(table: SeriesTable) -> np.ndarray:
        """Return the local time of each row, (rows,); without times, each row's number in its series."""
        if table.local_times is not None:
            return table.local_times
        return np.concatenate([np.arange(past - first) for first, past in table.bounds])

    # --- RUN/artifacts ------------------------------------------------------------------------------------------------

    def artifacts(self) -> dict[str, bytes]:
        """Return file name -> content for RUN/artifacts/."""
        return {SERIES_FILE: json.dumps(asdict(self), indent=2, ensure_ascii=False).encode()}

    @classmethod
    def from_artifacts(cls, artifacts: Mapping[str, bytes]) -> SeriesEncoder:
        """Return the encoder that `artifacts` describe; raise DataError if they describe none."""
        try:
            fields = read_object(artifacts[SERIES_FILE])
            _KEPT(fields)
            fields |= _before_gaps(fields["reading"], fields["frequency"])
            found = instance(cls, fields)
            found.check()
        except KeyError as error:
            raise DataError(f"these artifacts do not say how a series is encoded: there is no {error}") from error
        except ValueError as error:
            raise DataError(f"{SERIES_FILE} does not say how a series is encoded: {error}") from error
        return found

    def check(self) -> None:
        """Raise ValueError where parts, each of the right type, do not belong together."""
        framing = self.framing
        for name, value, least in (
            ("lookback", framing.lookback, 1),
            ("horizon", framing.horizon, 1),
            ("delay", framing.delay, 0),
            ("step", framing.step, 1),
            ("stride", framing.stride, 1),
        ):
            check_range(f"framing.{name}", value, least)
        if not self.targets or framing.lookback % framing.step:
            raise ValueError("there are no targets, or no whole number of steps in a lookback")
        wanted = {*self.features, *self.targets}
        for scales in self.own.values() if self.own else [self.scales]:
            if missing := wanted - scales.keys():
                raise ValueError(f"no scale of {listed_names(sorted(missing))}")
        if self.calendar and self.source == "table" and self.reading.time is None:
            raise ValueError("calendar features need a column of times")
        if fault := encoding_fault(self.reading.layout.encoding):
            raise ValueError(fault)
        if isinstance(self.frequency, str):
            offset(self.frequency)


def _check_gaps(path: Path, table: SeriesTable, lookback: int) -> None:
    """Raise DataError if the last rows of a series do not all follow one another, and the run wants them to."""
    if table.gaps is None:
        return
    past = np.array([past for _, past in table.bounds])
    ends = past[np.searchsorted(past, table.gaps, side="right")]  # of the series in which each gap is
    inside = table.gaps[table.gaps > ends - lookback]
    if len(inside):
        raise DataError(
            f"{path}: a forecast is made from the last {lookback:,} rows, {in_words(table.frequency)} apart, and among "
            f"them are gaps, over which no window of the run reaches (its dataset.gaps is break; keep and fill have "
            f"such windows):{listed_gaps(table, inside)}"
        )


def _before_gaps(reading: dict[str, Any], frequency: Frequency) -> dict[str, Any]:
    """Return the frequency of a run; complete how its rows were read if the run knows nothing of gaps.

    Such a run took rows beside a gap for neighbours, times with an offset in UTC, and many a month or year for so many
    days (31D, 365D): that is no step to insist on.
    """
    if "gaps" in reading:
        return {"frequency": frequency}
    reading |= {"gaps": "keep", "in_utc": True}
    if reading.get("time") is not None and reading.get("time_format") is None and not isinstance(frequency, str):
        reading["time_format"] = NUMBER
    days = re.fullmatch(r"(\d+)D", str(frequency))
    return {"frequency": None if days and int(days[1]) >= FEWEST_DAYS else frequency}


_KEPT = shapes.fields({"reading": shapes.mapping(shapes.anything), "frequency": shapes.anything})
