"""Daily boardings of the Chicago Transit Authority's buses and trains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.download import Remote
from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.files.sources import Pin, Wanted, find, source_problems
from seqrun.datasets.series.framing import Framing, Horizon, Lookback, Stride
from seqrun.datasets.series.problems import column_problems
from seqrun.datasets.series.splits import Ranges
from seqrun.datasets.shared.fields import Fractions
from seqrun.errors import Problem
from seqrun.events.events import Message

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Splits

FILE = "CTA_-_Ridership_-_Daily_Boarding_Totals.csv"
URL = "https://data.cityofchicago.org/api/views/6iiy-9s97/rows.csv?accessType=DOWNLOAD"


class Ridership(Dataset):
    """Daily bus and rail boardings in Chicago since 2001, and the next day's type; by default, rail 14 days ahead.

    The features are bus and rail in millions and, as 0 or 1, whether the next day is a Saturday (A), a Sunday or
    holiday (U) or a weekday (W). Source: Géron, Hands-On Machine Learning (3rd edition), chapter 15.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    inputs: ClassVar[str] = "values"
    # The city adds to the file every month, so it has no checksum.
    wanted: ClassVar[Wanted] = Wanted("ridership", (FILE,), Remote(FILE, URL, size=400_000))

    name: Literal["ridership"] = Field("ridership", description="the dataset's name")
    path: Path | None = Field(None, description="the city's CSV file")
    source: Pin = Field("auto", description="the one place to take the data from; auto: the first that has it")
    targets: list[Literal["bus", "rail"]] = Field(["rail"], min_length=1, description="what to forecast")
    forecast: Literal["direct", "sequence"] = Field(
        "direct", description="direct: the horizon at once; sequence: the next horizon at every input step"
    )
    lookback: Lookback = 112
    horizon: Horizon = 14
    stride: Stride = 1
    splits: Fractions | Ranges = Field(
        Ranges(
            train=[date(2016, 1, 1), date(2018, 12, 31)],
            validation=[date(2019, 1, 1), date(2019, 5, 31)],
            test=[date(2019, 6, 1), date(2019, 12, 31)],
        ),
        description="first and last day of each split, inclusive, or three fractions in time order",
    )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from source_problems(self.path, self.source)
        yield from column_problems(self.targets, None, {})

    def look(self) -> Iterator[Problem]:
        yield from path_problems(self.path)

    def sample_shape(self) -> tuple[int, int]:
        return (self.lookback, 5)

    def load(self, locations: Locations) -> Splits:
        """Return the splits from the first place that has the file; raise DataError if none has, or the file is
        damaged.
        """
        from seqrun.datasets.series.encoding import SeriesEncoder
        from seqrun.datasets.series.ridership_table import FEATURES, SCALES, read_ridership
        from seqrun.datasets.series.windowed import split_up, told_of_rows, windowed

        found = find(self.wanted, path=self.path, source=self.source, locations=locations)
        table, notes = read_ridership(found.path)
        for note in notes:
            locations.emit(Message(note.partition(":\n")[0]))
        framing = Framing.of(self)
        parts = split_up(table, self.splits, framing, self.train_fraction)
        encoder = SeriesEncoder(framing, FEATURES, tuple(self.targets), SCALES, frequency="D", source="ridership")
        kept, sources = self.train_fraction, (found.source(),)
        splits = windowed(table, parts, encoder, limit=self.limit, train_fraction=kept, sources=sources)
        locations.emit(Message(told_of_rows(found.path, table, splits)))
        return splits
