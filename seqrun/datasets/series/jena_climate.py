"""The weather at Jena, every ten minutes from 2009 to 2016 (Max Planck Institute for Biogeochemistry)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.download import Remote
from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, Pin, Wanted, find, source_problems
from seqrun.datasets.series.framing import Delay, Forecast, Framing, Horizon, Lookback, Step, Stride
from seqrun.datasets.series.problems import column_problems, iterated_problems
from seqrun.datasets.series.splits import Ranges
from seqrun.datasets.shared.fields import Fractions, Scaler
from seqrun.errors import Problem
from seqrun.events.events import Emit, Message

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Splits

FILE = "jena_climate_2009_2016.csv"
URL = f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{FILE}.zip"
TIME = "Date Time"
TIME_FORMAT = "%d.%m.%Y %H:%M:%S"
PUBLISHED_FEATURES = 14


class JenaClimate(Dataset):
    """Weather at Jena, 420,551 rows of 14 features, one every ten minutes; by default, the temperature a day ahead.

    The rows stand as published, a few times twice. Source of the defaults: Chollet, Deep Learning with Python, 6.3.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    inputs: ClassVar[str] = "values"
    # Its publisher gives no checksum.
    wanted: ClassVar[Wanted] = Wanted(
        "jena_climate", (FILE,), Remote(FILE, URL, zipped=True, size=13_568_290, unpacked=43_164_220)
    )

    name: Literal["jena_climate"] = Field("jena_climate", description="the dataset's name")
    path: Path | None = Field(None, description=f"{FILE}, or any part of it")
    source: Pin = Field("auto", description="the one place to take the data from; auto: the first that has it")
    targets: list[str] = Field(["T (degC)"], min_length=1, description="the columns to forecast")
    features: list[str] | None = Field(
        None, min_length=1, description="the columns to forecast from; null: all but the time"
    )
    forecast: Forecast = "direct"
    lookback: Lookback = 1440
    step: Step = 6
    delay: Delay = 144
    horizon: Horizon = 1
    stride: Stride = 1
    splits: Fractions | Ranges = Field(
        Ranges(train=[0, 200_000], validation=[200_001, 300_000], test=[300_001, None]),
        description="first and last row of each split, inclusive, or three fractions in time order",
    )
    scaler: Scaler = "standard"

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from source_problems(self.path, self.source)
        yield from Framing.of(self).problems()
        yield from column_problems(self.targets, self.features, {"the time": TIME})
        yield from iterated_problems(self.forecast, self.targets, self.features)
        if isinstance(self.splits, Ranges) and self.splits.by_day:
            message = "must be row numbers or fractions: the file's times are not everywhere in order"
            yield Problem(("dataset", "splits"), message)

    def look(self) -> Iterator[Problem]:
        yield from path_problems(self.path)

    def sample_shape(self) -> tuple[int, int | None]:
        all_features = PUBLISHED_FEATURES if self.path is None else None
        return (Framing.of(self).time, all_features if self.features is None else len(self.features))

    def load(self, locations: Locations) -> Splits:
        """Return the splits from the first place that has the file; raise DataError if none has, or the file is
        damaged.
        """
        found = find(self.wanted, path=self.path, source=self.source, locations=locations)
        return prepared(self, locations, [found], lambda locations: self._prepare(found, locations.emit))

    def _prepare(self, found: Found, emit: Emit) -> Splits:
        from seqrun.datasets.series.encoding import SeriesEncoder
        from seqrun.datasets.series.reading import read_series
        from seqrun.datasets.series.scales import fitted_scales
        from seqrun.datasets.series.table import Reading
        from seqrun.datasets.series.windowed import split_up, told_of_rows, windowed

        reading = Reading(TIME, TIME_FORMAT, as_published=True)
        columns = None if self.features is None else [*self.features, *self.targets]
        table = read_series(found.path, columns, reading)
        framing = Framing.of(self)
        parts = split_up(table, self.splits, framing, self.train_fraction)
        features = tuple(table.frame.columns if self.features is None else self.features)
        scales = fitted_scales(self.scaler, table, [*features, *self.targets], parts["train"])
        encoder = SeriesEncoder(
            framing, features, tuple(self.targets), scales, frequency=table.frequency, reading=table.reading
        )
        kept, sources = self.train_fraction, (found.source(),)
        splits = windowed(table, parts, encoder, limit=self.limit, train_fraction=kept, sources=sources)
        emit(Message(told_of_rows(found.path, table, splits)))
        return splits
