"""The trainer of autoencoders: samples through a narrow code and back, measured by what is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Trainer
from seqrun.components.options import EarlyStopping, ReduceLR, Switchable
from seqrun.components.outcome import Outcome
from seqrun.errors import Problem
from seqrun.tasks.reconstruction.columns import MEASURED, METRICS

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.training.fitting import Fitted


class LateStopping(EarlyStopping):
    """With more patience: Rivas, Deep Learning for Beginners, 2020, chapter 13."""

    patience: int = Field(15, ge=0, description="epochs without improvement before the end")


class LateReduceLR(ReduceLR):
    """With more patience, as in the same book."""

    patience: int = Field(5, ge=0, description="epochs without improvement before a reduction")


class Autoencoder(Trainer):
    """Reconstruction of the input from its code, against a PCA of the code's width; the worst are anomalies."""

    tasks: ClassVar[frozenset[str]] = frozenset({"reconstruction"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["autoencoder"] = "autoencoder"
    loss: Literal["mse", "binary_crossentropy"] = Field(
        "mse", description="what training minimises; binary_crossentropy is for values from 0 to 1"
    )
    false_alarm_rate: float = Field(
        0.05, gt=0, lt=1, description="share of ordinary samples that may be called anomalous; sets the threshold"
    )
    early_stopping: Switchable[LateStopping] = Field(
        default_factory=LateStopping,
        description="stop when the monitored metric no longer improves; false: never",
    )
    reduce_lr: Switchable[LateReduceLR] = Field(
        default_factory=LateReduceLR,
        description="reduce the learning rate when the monitored metric stands still; false: never",
    )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield the problems of every trainer, and binary cross-entropy with values or outputs that leave 0..1."""
        yield from super().problems(experiment)
        if self.loss != "binary_crossentropy":
            return
        path, wanted = ("trainer", "loss"), "binary_crossentropy is for values from 0 to 1"
        if getattr(experiment.dataset, "scaler", None) == "standard":
            remedy = "set dataset.scaler: minmax, or trainer.loss: mse"
            yield Problem(path, f"{wanted}, and dataset.scaler is standard; {remedy}")
        if getattr(experiment.architecture, "output_activation", None) == "linear":
            remedy = "set architecture.output_activation: sigmoid, or trainer.loss: mse"
            yield Problem(path, f"{wanted}, and architecture.output_activation is linear; {remedy}")

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Fitted:
        from seqrun.tasks.reconstruction.fit import train_autoencoder  # here: listing trainers needs none of it

        return train_autoencoder(self, model, splits, session, self.loss)

    def measure(self, model: keras.Model, splits: Splits, trained: Fitted, session: Session) -> Outcome:
        from seqrun.components.splits import Split
        from seqrun.components.targets import Reconstruction
        from seqrun.tasks.reconstruction.results import measure_autoencoder

        known = splits.of(Split, Reconstruction)
        return measure_autoencoder(model, known, trained, session, self.loss, self.false_alarm_rate)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Split
        from seqrun.components.targets import Reconstruction
        from seqrun.tasks.reconstruction.measuring import evaluate_autoencoder

        if not isinstance(samples, Split):
            raise TypeError(f"this is for Split, not for {type(samples).__name__}")
        return evaluate_autoencoder(self, model, samples, kept.of(Split, Reconstruction), self.loss)
