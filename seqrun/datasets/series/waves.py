"""Generated waves: series that need no file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.series.framing import Forecast, Framing, Horizon, Lookback
from seqrun.datasets.series.splits import latest, split_rows
from seqrun.datasets.shared.fields import Fractions
from seqrun.errors import Problem
from seqrun.machine.memory import require

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.base import Experiment
    from seqrun.components.splits import Splits


class Waves(Dataset):
    """Sums of two sine waves of random frequency and offset, and noise; every series is one window.

    Source: Géron, Hands-On Machine Learning (2nd edition), chapter 15.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    inputs: ClassVar[str] = "values"

    name: Literal["waves"] = Field("waves", description="the dataset's name")
    forecast: Forecast = "direct"
    lookback: Lookback = 50
    horizon: Horizon = 1
    series: int = Field(10_000, ge=3, description="how many series there are")
    noise: float = Field(0.1, ge=0, description="the noise's range, half of it to each side")
    splits: Fractions = Field([0.7, 0.2, 0.1], description="fractions of the series: train, validation, test")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        empty = [name for name, share in split_rows(self.splits, [(0, self.series)]).items() if not share]
        if empty:
            yield Problem(("dataset", "splits"), f"none of {self.series} series is for {' and '.join(empty)}")

    def sample_shape(self) -> tuple[int, int]:
        return (self.lookback, 1)

    def load(self, locations: Locations) -> Splits:
        """Return the splits, which depend on `split_seed` and the other fields alone; the values are not scaled."""
        import pandas as pd

        from seqrun.datasets.series.encoding import SeriesEncoder
        from seqrun.datasets.series.table import SeriesTable
        from seqrun.datasets.series.windowed import windowed
        from seqrun.datasets.shared.scaling import Scale

        framing = Framing.of(self)
        values = self.series * framing.rows
        require(16 * values, f"{self.series:,} series of {framing.rows:,} steps", "lower dataset.series or lookback")
        waves = make_waves(self.series, framing.rows, self.noise, self.split_seed)
        bounds = tuple((first, first + framing.rows) for first in range(0, waves.size, framing.rows))
        frame = pd.DataFrame({"value": waves.ravel()})
        table = SeriesTable(frame, None, (None,) * self.series, bounds)
        # Whole series are split, as if they were the rows of one series.
        shares = split_rows(self.splits, [(0, self.series)])
        shares["train"] = latest(shares["train"], self.train_fraction)
        parts = {name: bounds[first:past] for name, ((first, past),) in shares.items()}
        encoder = SeriesEncoder(framing, ("value",), ("value",), {"value": Scale()})
        return windowed(table, parts, encoder, limit=self.limit, train_fraction=self.train_fraction)


def make_waves(series: int, rows: int, noise: float, seed: int) -> np.ndarray:
    """Return waves (series, rows) float64; each series has 1.6 to 3.2 slow periods and 3.2 to 6.4 fast ones.

    A series does not depend on how many series there are.
    """
    import numpy as np

    # numpy promises a bit generator's raw numbers for ever, and not what its distributions make of them.
    raw = np.random.PCG64(seed).random_raw((series, 4 + rows))
    uniform = (raw >> np.uint64(11)) * 2.0**-53  # from 0 to less than 1, as numpy's own
    slow, fast, slow_offset, fast_offset = uniform[:, :4].T[..., None]  # (series, 1)
    time = np.linspace(0, 1, rows)
    waves = 0.5 * np.sin((time - slow_offset) * (10 * slow + 10))  # (series, rows)
    waves += 0.2 * np.sin((time - fast_offset) * (20 * fast + 20))
    return waves + noise * (uniform[:, 4:] - 0.5)
