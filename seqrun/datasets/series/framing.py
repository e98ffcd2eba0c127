"""How windows are cut from a series: which rows a forecast is made from, and which rows are forecast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.base import Dataset

Forecast = Annotated[
    Literal["direct", "sequence", "iterated"],
    Field(
        description="direct: the horizon at once; sequence: the next horizon at every input step; "
        "iterated: one row ahead, fed back until the horizon"
    ),
]
Lookback = Annotated[int, Field(ge=1, description="rows that a forecast is made from")]
Horizon = Annotated[int, Field(ge=1, description="rows that are forecast")]
Delay = Annotated[int, Field(ge=0, description="rows between the lookback and the first that is forecast")]
Step = Annotated[int, Field(ge=1, description="rows from one input step to the next: 6 takes every sixth")]
Stride = Annotated[int, Field(ge=1, description="rows from one window's start to the next's")]


@dataclass(frozen=True)
class Framing:
    """A window of `rows` rows: `lookback`, of which each `step`-th row is an input, then `delay`, then `horizon`."""

    lookback: int
    horizon: int
    forecast: Forecast = "direct"
    delay: int = 0
    step: int = 1
    stride: int = 1

    @classmethod
    def of(cls, dataset: Dataset) -> Framing:
        """Return the framing that a dataset's fields describe; fields that the dataset lacks have their defaults."""
        return cls(**{name: getattr(dataset, name) for name in cls.__dataclass_fields__ if hasattr(dataset, name)})

    @property
    def time(self) -> int:
        """The number of input steps in a window."""
        return self.lookback // self.step

    @property
    def rows(self) -> int:
        """The number of rows in a window, from the first to the last."""
        return self.lookback + self.delay + self.horizon

    def __str__(self) -> str:
        delay = f" + delay {self.delay:,}" if self.delay else ""
        return f"lookback {self.lookback:,}{delay} + horizon {self.horizon:,}"

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot work in the fields of a dataset with this framing."""
        if self.lookback % self.step:
            below, above = self.time * self.step, (self.time + 1) * self.step
            near = f"{below} or {above}" if below else f"{above}"
            yield Problem(
                ("dataset", "lookback"), f"{self.lookback} is no multiple of step: {self.step} ({near} would be)"
            )
        if self.forecast == "iterated":
            for key, value, plain in (("delay", self.delay, 0), ("step", self.step, 1)):
                if value != plain:
                    message = f"{value} cannot be iterated: the network is fed its own output for the very next row"
                    yield Problem(("dataset", key), f"{message}, so {key} must be {plain}")
