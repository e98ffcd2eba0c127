"""Anyone's own series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, find_at
from seqrun.datasets.series.framing import Delay, Forecast, Framing, Horizon, Lookback, Step, Stride
from seqrun.datasets.series.problems import (
    column_problems,
    format_problems,
    gaps_problems,
    iterated_problems,
    zone_problems,
)
from seqrun.datasets.series.scaler import SeriesScaler, scaled_by_series, scaler_kind
from seqrun.datasets.series.splits import Ranges
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.datasets.shared.fields import CalendarFeature, Duplicates, Fractions, Gaps, Missing, Scaler
from seqrun.datasets.shared.layout import Layout, WrittenAsRows, kind_problems, layout_problems
from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Splits
    from seqrun.datasets.series.table import Reading
    from seqrun.events.events import Emit


class Series(WrittenAsRows, Dataset):
    """Your own series: a CSV, TSV or Parquet file with a column for each thing measured and a row for each time.

    The rows of many series can stand in one file if a column says of which each is; then each series is split in time
    for itself, and no window has rows of two. All are scaled alike unless the scaler says `per: series`.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    inputs: ClassVar[str] = "values"

    name: Literal["series"] = Field("series", description="the dataset's name")
    path: Path = Field(description="a .csv, .tsv or .parquet file; text can be packed (.csv.gz, .bz2, .xz, .zst, .zip)")
    targets: list[str] = Field(min_length=1, description="the columns to forecast")
    features: list[str] | None = Field(
        None, min_length=1, description="the columns to forecast from; null: the targets"
    )
    time: str | None = Field(None, min_length=1, description="the column of times; null: rows are in order")
    time_format: str | None = Field(
        None,
        min_length=1,
        description="how times are written, such as '%d.%m.%Y %H:%M'; number: they are none; null: found",
    )
    time_zone: str | None = Field(
        None,
        min_length=1,
        description="the zone whose days and hours count, such as Europe/Berlin or +02:00; null: that of the times",
    )
    gaps: Gaps = "break"
    duplicates: Duplicates = "error"
    series_id: str | None = Field(None, min_length=1, description="the column that says of which series a row is")
    forecast: Forecast = "direct"
    lookback: Lookback = 96
    horizon: Horizon = 24
    delay: Delay = 0
    step: Step = 1
    stride: Stride = 1
    calendar: list[CalendarFeature] = Field(
        [], description="features of each row's time, each a sine and a cosine: where it stands in its hour, day ..."
    )
    missing: Missing = "error"
    splits: Fractions | Ranges = Field(
        [0.6, 0.2, 0.2],
        description="three fractions in time order, or the first and last day (or row) of each split, inclusive",
    )
    scaler: Scaler | SeriesScaler = Field(
        "standard",
        description="standard: mean 0, deviation 1; minmax: 0 to 1; none: as they are; each column's, on the training "
        "rows alone; {name: standard, per: series}: each series by itself",
    )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        special = {"the time column": self.time, "the series_id column": self.series_id}
        yield from Framing.of(self).problems()
        yield from column_problems(self.targets, self.features, special)
        yield from iterated_problems(self.forecast, self.targets, self.features or self.targets, self.calendar)
        if self.time is None:
            yield from self._timeless_problems()
        elif self.time == self.series_id:
            yield Problem(("dataset", "series_id"), f"{self.series_id!r} is the time column already")
        yield from gaps_problems(self.gaps, self.missing)
        yield from zone_problems(self.time_zone)
        yield from format_problems(self.time_format)
        if scaled_by_series(self.scaler) and self.series_id is None:
            yield Problem(
                ("dataset", "scaler"), "per: series needs dataset.series_id, the column that tells series apart"
            )
        yield from layout_problems(Layout.of(self), self.path)
        yield from kind_problems(Layout.of(self), self.path)
        if self.path.is_file() and ending(self.path) is None:
            yield Problem(("dataset", "path"), f"{self.path.name}: the ending is none of {', '.join(ENDINGS)}")

    def _timeless_problems(self) -> Iterator[Problem]:
        why = "needs dataset.time, the column of times"
        if self.calendar:
            yield Problem(("dataset", "calendar"), why)
        for key, default in (("time_format", None), ("time_zone", None), ("gaps", "break"), ("duplicates", "error")):
            if getattr(self, key) != default:
                yield Problem(("dataset", key), why)
        if isinstance(self.splits, Ranges) and self.splits.by_day:
            yield Problem(("dataset", "splits"), f"a range of days {why}; without it, give row numbers or fractions")

    def look(self) -> Iterator[Problem]:
        from seqrun.datasets.series.looking import look_at_series

        if not [*layout_problems(Layout.of(self), self.path)]:
            yield from look_at_series(self, Layout.of(self))

    def sample_shape(self) -> tuple[int, int]:
        return (Framing.of(self).time, len(self.features or self.targets) + 2 * len(self.calendar))

    def load(self, locations: Locations) -> Splits:
        """Return the splits of the file's series, scaled; raise DataError, naming the rows, if they cannot be used."""
        found = find_at("series", self.path, locations)
        return prepared(self, locations, [found], lambda locations: self._prepare(found, locations.emit))

    def _prepare(self, found: Found, emit: Emit) -> Splits:
        from seqrun.datasets.series.encoding import SeriesEncoder
        from seqrun.datasets.series.ranges import seen
        from seqrun.datasets.series.reading import read_series
        from seqrun.datasets.series.scales import check_all_scaled, fitted_scales, own_scales
        from seqrun.datasets.series.windowed import split_up, told_of_rows, windowed
        from seqrun.events.events import Message

        features, targets = tuple(self.features or self.targets), tuple(self.targets)
        table = read_series(found.path, [*features, *targets], self._reading())
        framing = Framing.of(self)
        parts = split_up(table, self.splits, framing, self.train_fraction)
        kind, columns, training = scaler_kind(self.scaler), [*features, *targets], parts["train"]
        encoder = SeriesEncoder(framing, features, targets, {}, tuple(self.calendar), table.frequency, table.reading)
        encoder = replace(encoder, ranges=seen(table.frame, features, training))
        if scaled_by_series(self.scaler):
            encoder = replace(encoder, own=own_scales(kind, table, columns, training), scaler=kind)
            check_all_scaled(found.path, table, encoder.own)
        else:
            encoder = replace(encoder, scales=fitted_scales(kind, table, columns, training))
        kept, sources = self.train_fraction, (found.source(),)
        splits = windowed(table, parts, encoder, limit=self.limit, train_fraction=kept, sources=sources)
        emit(Message(told_of_rows(found.path, table, splits)))
        return splits

    def _reading(self) -> Reading:
        from seqrun.datasets.series.table import Reading

        zone, gaps, duplicates = self.time_zone, self.gaps, self.duplicates
        layout = Layout.of(self)
        return Reading(self.time, self.time_format, self.series_id, self.missing, layout, zone, gaps, duplicates)
