"""What is to be learned: each target says of itself what a network's output layer must be and how a run stores it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from seqrun.components.answers import Answers
from seqrun.components.units import Units, check_scales
from seqrun.readable import listed_names

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Target(ABC):
    """What is to be learned of a sample. Its fields are what spec.json stores, beside its kind."""

    kind: ClassVar[str]  # its name in spec.json
    task: ClassVar[str]  # of TASKS: whose trainers learn it

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The names of its classes, tags or columns, in the order of the network's numbers."""

    @property
    def answers(self) -> Answers:
        """When a network answers."""
        return Answers.ONCE

    @property
    def units(self) -> int | None:
        """How many numbers the output layer has (of each step, if each has an answer); None: the network says it."""
        return len(self.labels)

    @property
    @abstractmethod
    def activation(self) -> str | None:
        """The output layer's activation; None: the network says it."""

    @property
    def ahead(self) -> int | None:
        """How many values of each series one answer has; None: it is no forecast."""
        return None

    def shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one sample's output, for an input (time,) or (time, features)."""
        return () if self.units is None else (self.units,)

    def counts(self, targets: np.ndarray) -> dict[str, int]:
        """Return how often each label stands in a split's targets (none where they are no labels' numbers)."""
        return {label: int((targets == number).sum()) for number, label in enumerate(self.labels)}

    def check(self) -> None:
        """Raise ValueError where fields, each of the right type, do not belong together."""
        if len({*self.labels}) < len(self.labels):
            raise ValueError("a label stands twice")
        if self.units is not None and self.units < 1:
            raise ValueError("there is nothing to be learned")

    def doubts(self, targets: np.ndarray) -> tuple[str, ...]:
        """Return what a careful reader would doubt in the training split's targets, a warning each."""
        unseen = [label for label, count in self.counts(targets).items() if not count]
        told = f"nothing can be learned of labels that no training sample has: {listed_names(unseen)}"
        return (told,) if unseen else ()


@dataclass(frozen=True)
class ClassTarget(Target):
    """A target that is one of `classes`; two classes are one probability (of the second), more are one each."""

    kind: ClassVar[str] = "classes"
    task: ClassVar[str] = "classification"

    classes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.classes

    @property
    def units(self) -> int:
        """How many numbers the network's output has."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    @property
    def activation(self) -> str:
        """What makes probabilities of them."""
        return "sigmoid" if len(self.classes) == 2 else "softmax"


@dataclass(frozen=True)
class LabelsTarget(Target):
    """A target that is any number of `names`, none too: the output is a probability of each, targets are 0 or 1."""

    kind: ClassVar[str] = "labels"
    task: ClassVar[str] = "multilabel"

    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.names

    @property
    def activation(self) -> str:
        return "sigmoid"

    def counts(self, targets: np.ndarray) -> dict[str, int]:
        return dict(zip(self.names, targets.sum(axis=0).tolist(), strict=True))

    def doubts(self, targets: np.ndarray) -> tuple[str, ...]:
        """Return warnings of labels that no training sample, (samples, labels), has or all have, and of one at most."""
        found, counts = [*super().doubts(targets)], self.counts(targets)
        if always := [name for name, count in counts.items() if count == len(targets)]:
            found.append(f"nothing can be learned of labels that all training samples have: {listed_names(always)}")
        if not (targets.sum(axis=1) > 1).any():
            found.append("no training sample has more than one label; one class a sample is for trainer: classifier")
        return tuple(found)


@dataclass(frozen=True)
class SeriesTarget(Target):
    """A target that is the next `horizon` values of the series `names`: (horizon, targets), in the network's units.

    `steps` are the input steps at which the network forecasts: None is once, after the last one, and the output is
    (horizon, targets); a tuple is a sequence of forecasts, (steps, horizon, targets), the last of which is measured.
    An `iterated` network forecasts one value ahead, (1, targets), and is fed its own output until the horizon.
    A value in original units is the network's times `scale` plus `offset`: a number for each target or, where each of
    `series` is scaled by itself, such numbers for each series. The values of a split are in original units, float64.
    """

    kind: ClassVar[str] = "series"
    task: ClassVar[str] = "forecasting"

    names: tuple[str, ...]
    horizon: int
    steps: tuple[int, ...] | None = None
    iterated: bool = False
    offset: tuple[float, ...] | tuple[tuple[float, ...], ...] = (0.0,)  # of each target; of each series', if `series`
    scale: tuple[float, ...] | tuple[tuple[float, ...], ...] = (1.0,)  # the same
    series: tuple[str, ...] = ()  # the names of those that are scaled by themselves; empty: all are scaled alike

    def check(self) -> None:
        super().check()
        if self.series and not len(self.offset) == len(self.scale) == len(self.series):
            raise ValueError("not one offset and one scale for each series")
        check_scales(len(self.names), (*self.offset, *self.scale) if self.series else (self.offset, self.scale))

    @property
    def labels(self) -> tuple[str, ...]:
        return self.names

    @property
    def answers(self) -> Answers:
        return Answers.ONCE if self.steps is None else Answers.FORECASTS

    @property
    def units(self) -> int:
        return self.ahead * len(self.names)

    @property
    def activation(self) -> str:
        return "linear"

    @property
    def ahead(self) -> int:
        return 1 if self.iterated else self.horizon

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of one sample's output."""
        one = (self.ahead, len(self.names))
        return one if self.steps is None else (len(self.steps), *one)

    def shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return self.output_shape

    def counts(self, targets: np.ndarray) -> dict[str, int]:
        return {}

    def units_of(self, series: np.ndarray | None) -> Units:
        """Return the units of the targets, (targets,).

        If each series has its own, return those of samples of these series, given by their numbers (samples,).
        """
        import numpy as np

        offset, scale = np.asarray(self.offset, np.float64), np.asarray(self.scale, np.float64)
        if not self.series:
            return Units(offset, scale)
        if series is None:
            raise ValueError("each series has units of its own: it must be said of which these samples are")
        return Units(offset[series][:, None], scale[series][:, None])

    def original(self, values: np.ndarray) -> np.ndarray:
        """Return values (..., targets) of the network in original units, float64, where all series have the same."""
        return self.units_of(None).original(values)


@dataclass(frozen=True)
class TagTarget(Target):
    """A target that is one of `tags` at every input step: the output is a probability of each, (time, tags)."""

    kind: ClassVar[str] = "tags"
    task: ClassVar[str] = "tagging"

    tags: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.tags

    @property
    def answers(self) -> Answers:
        return Answers.TAGS

    @property
    def activation(self) -> str:
        return "softmax"

    def shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return (input_shape[0], len(self.tags))


@dataclass(frozen=True)
class Reconstruction(Target):
    """A target that is the input itself; `classes` are those that the samples are labelled with, if they are."""

    kind: ClassVar[str] = "reconstruction"
    task: ClassVar[str] = "reconstruction"

    classes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return self.classes

    @property
    def answers(self) -> Answers:
        return Answers.INPUT

    @property
    def units(self) -> None:
        return None

    @property
    def activation(self) -> None:
        return None

    def shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return input_shape


@dataclass(frozen=True)
class NumbersTarget(Target):
    """A target that is a number for each of `names`: (targets,), which the network gives in its own units.

    A number in original units is the network's times `scale` plus `offset`. The targets of a split are in original
    units, float64.
    """

    kind: ClassVar[str] = "numbers"
    task: ClassVar[str] = "regression"

    names: tuple[str, ...]
    offset: tuple[float, ...]  # of each number
    scale: tuple[float, ...]  # of each number

    def check(self) -> None:
        super().check()
        check_scales(len(self.names), (self.offset, self.scale))

    @property
    def labels(self) -> tuple[str, ...]:
        return self.names

    @property
    def activation(self) -> str:
        return "linear"

    def counts(self, targets: np.ndarray) -> dict[str, int]:
        return {}

    def original(self, values: np.ndarray) -> np.ndarray:
        """Return numbers (..., targets) of the network in original units, float64."""
        return Units.of(self.offset, self.scale).original(values)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return numbers (..., targets) in original units as the network's, float32."""
        return Units.of(self.offset, self.scale).scaled(values).astype("float32")


KINDS = {
    target.kind: target
    for target in (ClassTarget, LabelsTarget, SeriesTarget, TagTarget, Reconstruction, NumbersTarget)
}
