"""What a task asks of a network: when it answers, and with what."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Answers(Enum):
    """When a network answers, and with what."""

    ONCE = "one answer"  # after the last step
    FORECASTS = "forecasts"  # at every step, of what follows it: it must not look ahead
    TAGS = "tags"  # at every step, of the step itself: it may see all others
    INPUT = "the input"  # once, with the whole of it

    @property
    def each_step(self) -> bool:
        """Whether there is an answer for each input step."""
        return self in (Answers.FORECASTS, Answers.TAGS)


# What each task asks of a network. Tasks that ask the same are served by the same networks, whichever of them a network
# names. Forecasting may ask for one answer too (`dataset.forecast`), but one of a shape of its own.
TASKS = {
    "classification": Answers.ONCE,
    "multilabel": Answers.ONCE,
    "forecasting": Answers.FORECASTS,
    "tagging": Answers.TAGS,
    "reconstruction": Answers.INPUT,
    "regression": Answers.ONCE,
}


def asked_by(tasks: Iterable[str]) -> frozenset[Answers | str]:
    """Return what the tasks ask of a network; one that is not in `TASKS`, as a plugin's, asks for itself alone."""
    return frozenset(TASKS.get(task, task) for task in tasks)
