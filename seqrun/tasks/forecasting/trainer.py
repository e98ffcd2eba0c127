"""The trainer of forecasters: what comes next in a series, how sure that is, and whether a plain rule does better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Trainer
from seqrun.components.options import Switchable
from seqrun.components.outcome import Outcome
from seqrun.errors import Problem
from seqrun.tasks.forecasting.columns import MEASURED, METRICS
from seqrun.tasks.forecasting.options import Backtest, Forecasting, Intervals
from seqrun.tasks.forecasting.own_baselines import SeriesBaselines
from seqrun.training.interval_options import Conformal
from seqrun.training.losses import NumberLoss

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.tasks.forecasting.fit import FittedForecaster


class Forecaster(SeriesBaselines, Trainer):
    """Regression on what follows a window, measured in original units against four plain baselines."""

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["forecaster"] = "forecaster"
    loss: NumberLoss = Field("mse", description="what training minimises")
    period: int | Literal["auto"] | None = Field(
        "auto", description="rows of a season, for the seasonal baseline and mase; auto finds it, null: there is none"
    )
    intervals: Switchable[Intervals] = Field(
        default_factory=Conformal, description="prediction intervals: conformal or mc_dropout; false: none"
    )
    backtest: Switchable[Backtest] = Field(None, description="rolling-origin backtest, e.g. {folds: 4}; false: none")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield the problems of every trainer, what baselines lack, and a season of fewer than two rows."""
        yield from super().problems(experiment)
        yield from self.baseline_problems(experiment)
        if isinstance(self.period, int) and self.period < 2:
            yield Problem(("trainer", "period"), f"a season is at least 2 rows long, not {self.period}")

    @property
    def settings(self) -> Forecasting:
        """The forecaster's own settings, without those of the training loop."""
        return Forecasting(self.loss, self.period, self.intervals, self.backtest, tuple(self.baselines))

    def train(self, model: keras.Model, splits: Splits, session: Session) -> FittedForecaster:
        from seqrun.components.splits import Windows
        from seqrun.components.targets import SeriesTarget
        from seqrun.tasks.forecasting.fit import train_forecaster  # here: listing trainers needs none of it

        return train_forecaster(self, model, splits.of(Windows, SeriesTarget), session, self.settings)

    def measure(self, model: keras.Model, splits: Splits, trained: FittedForecaster, session: Session) -> Outcome:
        from seqrun.components.splits import Windows
        from seqrun.components.targets import SeriesTarget
        from seqrun.tasks.forecasting.results import measure_forecaster

        known = splits.of(Windows, SeriesTarget)
        return measure_forecaster(self, model, known, trained, session, self.settings)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Windows
        from seqrun.components.targets import SeriesTarget
        from seqrun.tasks.forecasting.measuring import evaluate_forecaster

        if not isinstance(samples, Windows):
            raise TypeError(f"this is for Windows, not for {type(samples).__name__}")
        return evaluate_forecaster(self, model, samples, kept.of(Windows, SeriesTarget), self.settings)
