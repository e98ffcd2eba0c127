"""A forecaster's own options as a config writes them: prediction intervals and backtest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from seqrun.components.options import Options
from seqrun.training.interval_options import LEVEL, Conformal, named
from seqrun.training.losses import NumberLoss


class MCDropout(Options):
    """The spread of predictions with dropout left on, whose mean is the forecast (Gal and Ghahramani, 2016)."""

    name: Literal["mc_dropout"] = "mc_dropout"
    level: float = Field(0.9, gt=0, lt=1, description=LEVEL)
    samples: int = Field(100, ge=2, description="predictions to draw for each forecast")


_AnyIntervals = Annotated[Conformal | MCDropout, Field(discriminator="name")]
Intervals = Annotated[
    _AnyIntervals,
    BeforeValidator(named, json_schema_input_type=_AnyIntervals | Literal["conformal", "mc_dropout"]),
]


class Backtest(Options):
    """Train anew up to several points in time and judge each on what follows."""

    folds: int = Field(4, ge=1, description="points in time")


@dataclass(frozen=True)
class Forecasting:
    """A forecaster's settings beside those of the training loop."""

    loss: NumberLoss
    period: int | Literal["auto"] | None
    intervals: Conformal | MCDropout | None
    backtest: Backtest | None
    baselines: tuple[str, ...] = ()  # beside the usual

    @property
    def draws(self) -> int:
        """How many forecasts with dropout left on are averaged to one; 0: dropout is off and nothing is averaged."""
        return self.intervals.samples if isinstance(self.intervals, MCDropout) else 0
