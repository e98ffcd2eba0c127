"""Networks that answer at every input step: at which steps their forecasts stand, and what cannot work.

A network that forecasts at every step must not look ahead, as it would see what it is to forecast. A network that tags
every step may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from seqrun.components.answers import Answers
from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec
    from seqrun.components.targets import SeriesTarget


def narrowed(spec: Spec, steps: range) -> Spec:
    """Return the spec with forecasts at these input steps; unchanged if it has no forecasts at every step."""
    if spec.target.answers is not Answers.FORECASTS:
        return spec
    target = cast("SeriesTarget", spec.target)  # or one like it: forecasts at every step have `steps`
    return replace(spec, target=replace(target, steps=tuple(steps)))


# --- what cannot work -------------------------------------------------------------------------------------------------

_ELSE = "; take dataset.forecast: direct"


def both_ways_problems(bidirectional: bool, outline: Outline) -> Iterator[Problem]:
    """Yield a problem if a bidirectional network is to forecast at every step: each step sees the whole window."""
    if bidirectional and outline.answers is Answers.FORECASTS:
        yield Problem(
            ("architecture", "bidirectional"),
            f"reads the window backwards too, so each step would see the values that it is to forecast{_ELSE}",
        )


def whole_window_problems(name: str, outline: Outline) -> Iterator[Problem]:
    """Yield a problem if a network that reads the whole window at once is to forecast at every step."""
    if outline.answers is Answers.FORECASTS:
        yield Problem(
            ("architecture", "name"),
            f"{name} sees the whole window at once and forecasts after its end, not at every step{_ELSE}",
        )


def ends_time_problems(key: str, given: object, outline: Outline) -> Iterator[Problem]:
    """Yield a problem if the setting `key`, which joins the steps to a vector, is given where each step is answered."""
    if outline.answers.each_step and given is not None:
        yield Problem(("architecture", key), f"ends the time axis, along which the {outline.answers.value} stand")


def ends_early_problems(standing: Callable[[int], range], outline: Outline) -> Iterator[Problem]:
    """Yield a problem if the last forecast, the one that is measured, does not stand at the last input step.

    `standing` returns which of so many input steps have a forecast.
    """
    if outline.answers is not Answers.FORECASTS or outline.length is None:
        return
    length, steps = outline.length, standing(outline.length)
    if steps and steps[-1] != length - 1:
        fitting = " or ".join(str(outline.rows_a_step * other) for other in _fitting_lengths(standing, length))
        yield Problem(
            ("dataset", "lookback"),
            f"the network's last forecast would stand at input step {steps[-1] + 1:,} of {length:,}, blind to those "
            f"after it: a lookback of {fitting} would do",
        )


def _fitting_lengths(standing: Callable[[int], range], length: int) -> list[int]:
    """Return the nearest shorter and longer lengths, as far as there are any, whose last input step has a forecast."""

    def fits(other: int) -> bool:
        steps = standing(other)
        return bool(steps) and steps[-1] == other - 1

    nearest = (next(filter(fits, others), None) for others in (range(length, 0, -1), range(length, 2 * length)))
    return [found for found in nearest if found is not None]
