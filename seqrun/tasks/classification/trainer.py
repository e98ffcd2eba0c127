"""The trainer of classifiers: which of two or more classes a sample belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Trainer
from seqrun.components.outcome import Outcome
from seqrun.errors import Problem
from seqrun.tasks.classification.classes import unknown_class
from seqrun.tasks.classification.columns import MEASURED, METRICS
from seqrun.tasks.classification.own_baselines import TextBaselines

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.training.fitting import Fitted


class Classifier(TextBaselines, Trainer):
    """Cross-entropy over two or more classes, measured with scikit-learn's metrics against two plain baselines."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["classifier"] = "classifier"
    class_weight: Literal["balanced"] | dict[str, Annotated[float, Field(ge=0)]] | None = Field(
        None, description="weight of each class in the training loss: balanced (by frequency), or {class: weight}"
    )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield what baselines lack, and the classes of `class_weight` that the dataset does not have.

        These only as far as the config names the classes.
        """
        yield from super().problems(experiment)
        yield from self.baseline_problems(experiment)
        if isinstance(self.class_weight, dict) and experiment.dataset.classes is not None:
            for name in self.class_weight:
                if problem := unknown_class(name, experiment.dataset.classes):
                    yield Problem(("trainer", "class_weight", name), problem)

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Fitted[Split]:
        from seqrun.components.splits import Split
        from seqrun.components.targets import ClassTarget
        from seqrun.tasks.classification.fit import train_classifier  # here: listing trainers needs none of it

        return train_classifier(self, model, splits.of(Split, ClassTarget), session, self.class_weight)

    def measure(self, model: keras.Model, splits: Splits, trained: Fitted[Split], session: Session) -> Outcome:
        from seqrun.components.splits import Split
        from seqrun.components.targets import ClassTarget
        from seqrun.tasks.classification.results import measure_classifier

        return measure_classifier(splits.of(Split, ClassTarget), trained, session, self.baselines)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Split
        from seqrun.components.targets import ClassTarget
        from seqrun.tasks.classification.results import evaluate_classifier

        if not isinstance(samples, Split):
            raise TypeError(f"this is for Split, not for {type(samples).__name__}")
        return evaluate_classifier(self, model, samples, kept.of(Split, ClassTarget))
