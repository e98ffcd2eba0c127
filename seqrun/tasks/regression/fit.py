"""How a regressor is trained and measured: it learns scaled numbers, and is measured in original units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import NumbersTarget
from seqrun.readable import counted
from seqrun.tasks.regression.metrics import regression_metrics
from seqrun.training.checks import check_output_shape
from seqrun.training.fitting import Fitted, Task, fit
from seqrun.training.losses import NumberLoss, number_loss
from seqrun.training.samples import Samples

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


@dataclass(frozen=True)
class NumberSamples(Samples):
    """Samples whose targets are scaled numbers, float32, and that metrics compare with the originals."""

    originals: np.ndarray = field(kw_only=True)  # (samples, targets) float64

    def measured(self, numbers: np.ndarray) -> np.ndarray:
        """(samples, targets) the targets of these samples in original units."""
        return self.originals[numbers]


def train_regressor(
    trainer: Trainer, model: keras.Model, splits: Splits[Split, NumbersTarget], session: Session, loss: NumberLoss
) -> Fitted[Split]:
    """Train on the error of the scaled numbers, with the validation split as judge."""
    target = splits.spec.target
    check_output_shape(model, splits.spec.output_shape, f"{counted(len(target.names), 'number')} a sample want")
    return fit(trainer, model, splits, regression_task(target, loss), session)


def regression_task(target: NumbersTarget, loss: NumberLoss) -> Task[Split]:
    """Return what the training loop needs."""

    def samples(split: Split) -> NumberSamples:
        return NumberSamples(split.inputs, target.scaled(split.targets), originals=split.targets)

    def measure(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        return regression_metrics(targets, target.original(outputs))

    return Task(lambda: number_loss(loss), samples, measure)
