"""The trainer of taggers: a tag for every step of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from seqrun.components.base import Trainer
from seqrun.components.outcome import Outcome
from seqrun.tasks.tagging.columns import MEASURED, METRICS

if TYPE_CHECKING:
    import keras

    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits, Windows
    from seqrun.metrics import Direction
    from seqrun.training.fitting import Fitted


class Tagger(Trainer):
    """Cross-entropy over the tag of every step, padding left out, measured against rules that see each step alone."""

    tasks: ClassVar[frozenset[str]] = frozenset({"tagging"})
    metrics: ClassVar[Mapping[str, Direction]] = METRICS
    measured: ClassVar[tuple[str, ...] | None] = MEASURED

    name: Literal["tagger"] = "tagger"

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Fitted[Split]:
        from seqrun.components.splits import Split
        from seqrun.components.targets import TagTarget
        from seqrun.tasks.tagging.fit import train_tagger  # here: listing trainers needs none of it

        return train_tagger(self, model, splits.of(Split, TagTarget), session)

    def measure(self, model: keras.Model, splits: Splits, trained: Fitted[Split], session: Session) -> Outcome:
        from seqrun.components.splits import Split
        from seqrun.components.targets import TagTarget
        from seqrun.tasks.tagging.results import measure_tagger

        return measure_tagger(splits.of(Split, TagTarget), trained, session)

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        from seqrun.components.splits import Split
        from seqrun.components.targets import TagTarget
        from seqrun.tasks.tagging.results import evaluate_tagger

        if not isinstance(samples, Split):
            raise TypeError(f"this is for Split, not for {type(samples).__name__}")
        return evaluate_tagger(self, model, samples, kept.of(Split, TagTarget))
