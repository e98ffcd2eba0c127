"""Answers at every input step: whether the target asks for them, at which steps they stand, what would spoil them.

A network that forecasts at every step must not look ahead: what a step may not see yet is what it is to forecast. One
that tags every step may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from seqrun.components.splits import SeriesTarget, TagTarget
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Spec


class Answers(Enum):
    """When a network answers."""

    ONCE = "one answer"  # after the last step
    FORECASTS = "forecasts"  # at every step, of what follows it: it must not look ahead
    TAGS = "tags"  # at every step, of the step itself: it may see all others

    @property
    def each_step(self) -> bool:
        """Whether the output has a time axis."""
        return self is not Answers.ONCE


def expected(spec: Spec) -> Answers:
    """What the network's target asks for."""
    if isinstance(spec.target, TagTarget):
        return Answers.TAGS
    sequence = isinstance(spec.target, SeriesTarget) and spec.target.steps is not None
    return Answers.FORECASTS if sequence else Answers.ONCE


def expected_by(experiment: Experiment) -> Answers:
    """The same, as the config tells it."""
    dataset = experiment.dataset
    if "tagging" in dataset.tasks and "tagging" in experiment.trainer.tasks:
        return Answers.TAGS
    return Answers.FORECASTS if getattr(dataset, "forecast", None) == "sequence" else Answers.ONCE


def rows_a_step(experiment: Experiment) -> int:
    """How many rows of the data one input step is."""
    return getattr(experiment.dataset, "step", 1)


def narrowed(spec: Spec, steps: range) -> Spec:
    """The spec of a network whose forecasts stand at those input steps; of another target, the spec itself."""
    if expected(spec) is not Answers.FORECASTS:
        return spec
    return replace(spec, target=replace(spec.target, steps=tuple(steps)))


def refuse(problems: Iterable[Problem]) -> None:
    """Raises ConfigError if there is one: what validation could not tell from the config alone, the data tells."""
    if found := list(problems):
        raise ConfigError(found)


# --- what cannot work -------------------------------------------------------------------------------------------------

_ELSE = "; take dataset.forecast: direct"


def both_ways_problems(bidirectional: bool, answers: Answers) -> Iterator[Problem]:
    """A network that reads a window backwards too has seen all of it at its first step."""
    if bidirectional and answers is Answers.FORECASTS:
        yield Problem(
            ("architecture", "bidirectional"),
            f"reads the window backwards too, so each step would see the values that it is to forecast{_ELSE}",
        )


def whole_window_problems(name: str, answers: Answers) -> Iterator[Problem]:
    """A network whose every output sees the whole window has no steps of its own."""
    if answers is Answers.FORECASTS:
        yield Problem(
            ("architecture", "name"),
            f"{name} sees the whole window at once and forecasts after its end, not at every step{_ELSE}",
        )


def ends_time_problems(key: str, answers: Answers, given: object) -> Iterator[Problem]:
    """A setting that makes one vector of the steps leaves none to answer at."""
    if answers.each_step and given is not None:
        yield Problem(("architecture", key), f"ends the time axis, along which the {answers.value} stand")


def ends_early_problems(standing: Callable[[int], range], length: int, rows: int = 1) -> Iterator[Problem]:
    """The last forecast, which is the one that is measured, must stand at the last of the `length` input steps.

    `standing` tells where the forecasts stand on so many input steps, each of which is `rows` rows of the data.
    """
    steps = standing(length)
    if steps and steps[-1] != length - 1:
        fitting = " or ".join(str(rows * other) for other in _fitting_lengths(standing, length))
        yield Problem(
            ("dataset", "lookback"),
            f"the network's last forecast would stand at input step {steps[-1] + 1:,} of {length:,}, blind to those "
            f"after it: a lookback of {fitting} would do",
        )


def _fitting_lengths(standing: Callable[[int], range], length: int) -> list[int]:
    """The nearest shorter and longer lengths whose last step is seen."""

    def fits(other: int) -> bool:
        steps = standing(other)
        return bool(steps) and steps[-1] == other - 1

    nearest = (next(filter(fits, others), None) for others in (range(length, 0, -1), range(length, 2 * length)))
    return [found for found in nearest if found is not None]
