"""Whether there is memory for a network, found out before any of it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqrun.components.splits import Spec
from seqrun.errors import ConfigError, Problem
from seqrun.machine.memory import available_bytes
from seqrun.readable import size

if TYPE_CHECKING:
    from seqrun.components.base import Experiment

BYTES_A_WEIGHT = 8  # the weight, and its gradient in training; most optimizers keep two numbers more
_DOUBTFUL = 64  # a network this many times smaller than the memory, by a rough guess, is not looked at


def check_size(experiment: Experiment, spec: Spec) -> None:
    """Raise ConfigError if the network's weights alone are more than the memory that is free."""
    free = available_bytes()
    if free is None or _guess(experiment, spec) * BYTES_A_WEIGHT * _DOUBTFUL < free:
        return
    weights = _count(experiment, spec)
    if weights * BYTES_A_WEIGHT > free:
        needed = size(weights * BYTES_A_WEIGHT)
        message = f"{weights:,} weights and their gradients would need {needed} of memory, and {size(free)} are free"
        raise ConfigError([Problem(("architecture",), message)])


def _guess(experiment: Experiment, spec: Spec) -> int:
    """Return the product of the two largest sizes of network and data, times the number of the network's settings."""
    settings = [*_whole_numbers(experiment.architecture.model_dump())]
    sizes = sorted([1, 1, *settings, *spec.input_shape, spec.vocabulary.size if spec.vocabulary else 1])
    return sizes[-1] * sizes[-2] * max(len(settings), 1)


def _whole_numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _whole_numbers(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def _count(experiment: Experiment, spec: Spec) -> int:
    """Return how many numbers the weights of the network are; none is made."""
    import keras

    keras.backend.clear_session()
    with keras.StatelessScope(initialize_variables=False):  # variables have a shape, and no value yet
        weights = experiment.architecture.build(spec).count_params()
    keras.backend.clear_session()
    return weights
