"""Whether there is memory for what a config asks for, as far as the config alone tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqrun.config.settings import CannotTellError
from seqrun.errors import ConfigPath, Problem
from seqrun.machine.memory import available_bytes
from seqrun.readable import size

if TYPE_CHECKING:
    from seqrun.components.base import Experiment

_NUMBER = 4  # bytes: float32 or int32


def memory_problems(experiment: Experiment) -> Iterator[Problem]:
    """Yield what needs more memory than is free on this machine, at the least."""
    free = available_bytes()
    if free is None:
        return
    for path, what, needed in (_weights(experiment), _sample(experiment), _order(experiment)):
        if needed > free:
            yield Problem(path, f"{what} would need {size(needed)} of memory, and {size(free)} are free")


def _weights(experiment: Experiment) -> tuple[ConfigPath, str, int]:
    try:
        weights = experiment.architecture.least_weights(experiment.dataset.outline(experiment.trainer.tasks))
    except CannotTellError:
        weights = 0
    return ("architecture",), "its weights and their gradients", 2 * _NUMBER * weights


def _sample(experiment: Experiment) -> tuple[ConfigPath, str, int]:
    try:
        length, features = (*(experiment.dataset.sample_shape() or ()), None, None)[:2]
    except CannotTellError:
        length, features = None, None
    return ("dataset",), f"one sample of {length or 0:,} steps", _NUMBER * (length or 0) * (features or 1)


def _order(experiment: Experiment) -> tuple[ConfigPath, str, int]:
    try:
        samples = (experiment.trainer.steps_per_epoch or 0) * experiment.trainer.batch_size
    except CannotTellError:
        samples = 0
    what = f"the order of the {samples:,} samples of an epoch"
    return ("trainer", "steps_per_epoch"), what, 2 * _NUMBER * samples
