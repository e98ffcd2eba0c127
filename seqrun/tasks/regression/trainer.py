"""The trainer of regressors: one or several numbers that belong to a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Trainer
from seqrun.components.options import Switchable
from seqrun.components.outcome import Outcome
from seqrun.tasks.regression.columns import MEASURED, METRICS
from seqrun.training.interval_options import Conformal, ConformalIntervals
from seqrun.training.losses import NumberLoss

if TYPE_CHECKING:
    import keras

    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.training.fitting import Fitted


class Regressor(Trainer):
    """One or several numbers a sample, measured in original units against their mean and a ridge regression."""

    tasks: ClassVar[frozenset[str]] = frozenset({"regression"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["regressor"] = "regressor"
    loss: NumberLoss = Field("mse", description="what training minimises, of numbers scaled to deviation 1")
    intervals: Switchable[ConformalIntervals] = Field(
        default_factory=Conformal, description="prediction intervals from the errors on validation; false: none"
    )

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Fitted[Split]:
        from seqrun.components.splits import Split
        from seqrun.components.targets import NumbersTarget
        from seqrun.tasks.regression.fit import train_regressor  # here: listing trainers needs none of it

        return train_regressor(self, model, splits.of(Split, NumbersTarget), session, self.loss)

    def measure(self, model: keras.Model, splits: Splits, trained: Fitted[Split], session: Session) -> Outcome:
        from seqrun.components.splits import Split
        from seqrun.components.targets import NumbersTarget
        from seqrun.tasks.regression.results import measure_regressor

        return measure_regressor(splits.of(Split, NumbersTarget), trained, session, self.intervals)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Split
        from seqrun.components.targets import NumbersTarget
        from seqrun.tasks.regression.results import evaluate_regressor

        if not isinstance(samples, Split):
            raise TypeError(f"this is for Split, not for {type(samples).__name__}")
        return evaluate_regressor(self, model, samples, kept.of(Split, NumbersTarget), self.loss)
