"""What a network must know of the data to tell whether it can work on them.

A Spec tells all of it, a config a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqrun.components.answers import Answers


@dataclass(frozen=True)
class Outline:
    """The samples and what is to be learned from them, as far as known; None is unknown unless said otherwise.

    `Architecture.outline_problems` checks it twice: before the data are loaded, as `Dataset.outline` derives it from
    the config, and afterwards, complete, as `Spec.outline` does.
    """

    inputs: str  # tokens (ids) or values (numbers)
    answers: Answers
    length: int | None = None  # time steps of a sample
    features: int | None = None  # numbers of a step; of token ids, None
    vocabulary_size: int | None = None  # token ids; of numbers, None
    rows_a_step: int = 1  # rows of the data that one time step is
    ahead: int | None = None  # values of each series in one forecast; None: the target is no forecast
    units: int | None = None  # numbers of the output layer, at each step if each has an answer
    unseen_targets: tuple[str, ...] = ()  # what is to be forecast and is no feature
    scaler: str | None = None  # what scaled the values, as the config names it
