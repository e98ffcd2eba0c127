"""Progress that is kept in memory, for tests without a run directory."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np

from seqrun.components.session import Saved


@dataclass
class Kept:
    """The last state of each stage, copied when it is saved, as a file would be."""

    states: dict[str, Saved] = field(default_factory=dict)

    def saved(self, stage: str) -> Saved | None:
        return copy.deepcopy(self.states.get(stage))

    def save(self, stage: str, number: int, arrays: dict, scalars: dict) -> None:
        copied = {name: np.copy(value) for name, value in arrays.items()}
        self.states[stage] = Saved(copied, copy.deepcopy(scalars))

    def reached(self, stage: str, hashes: list, best_weights: list) -> None:
        pass

    def forget(self, stage: str) -> None:
        self.states.pop(stage, None)
