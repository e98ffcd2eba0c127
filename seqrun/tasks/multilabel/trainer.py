"""The trainer of multi-label networks: which labels a sample has, any number of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from seqrun.components.base import Trainer
from seqrun.components.outcome import Outcome
from seqrun.errors import Problem
from seqrun.tasks.classification.own_baselines import TextBaselines
from seqrun.tasks.multilabel.columns import MEASURED, METRICS

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.training.fitting import Fitted


class Multilabel(TextBaselines, Trainer):
    """Cross-entropy of each label by itself, any number of them a sample, with a threshold for each from validation."""

    tasks: ClassVar[frozenset[str]] = frozenset({"multilabel"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["multilabel"] = "multilabel"

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield what baselines lack in this experiment, beside what cannot work with any trainer."""
        yield from super().problems(experiment)
        yield from self.baseline_problems(experiment)

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Fitted:
        from seqrun.components.splits import Split
        from seqrun.components.targets import LabelsTarget
        from seqrun.tasks.multilabel.fit import train_multilabel  # here: listing trainers needs none of it

        return train_multilabel(self, model, splits.of(Split, LabelsTarget), session)

    def measure(self, model: keras.Model, splits: Splits, trained: Fitted, session: Session) -> Outcome:
        from seqrun.components.splits import Split
        from seqrun.components.targets import LabelsTarget
        from seqrun.tasks.multilabel.results import measure_multilabel

        return measure_multilabel(splits.of(Split, LabelsTarget), trained, session, self.baselines)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Split
        from seqrun.components.targets import LabelsTarget
        from seqrun.tasks.multilabel.results import evaluate_multilabel

        if not isinstance(samples, Split):
            raise TypeError(f"this is for Split, not for {type(samples).__name__}")
        return evaluate_multilabel(self, model, samples, kept.of(Split, LabelsTarget))
