"""The training loop's whole state as one value: what a checkpoint holds, and all that an exact resume needs.

Early stopping and LR reduction have no state of their own: they are functions of the history (plateau.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.session import Saved
from seqrun.rundir.columns import TIMES
from seqrun.rundir.history import Row
from seqrun.training.random_states import random_states, set_random_states

if TYPE_CHECKING:
    import keras

SCALARS = ("history", "hashes", "step", "rate", "seconds", "loss")  # fields of LoopState that JSON can hold


class Shuffle:
    """An endless stream of sample numbers, one random permutation after another."""

    def __init__(self, samples: int, seed: int):
        self.samples = samples
        self.generator = np.random.Generator(np.random.PCG64(seed))
        self.rest = np.empty(0, np.int32)  # of the permutation that is being used up

    def take(self, count: int) -> np.ndarray:
        """Return the next `count` sample numbers, int32."""
        parts, taken = [self.rest], len(self.rest)
        while taken < count:
            parts.append(self.generator.permutation(self.samples).astype(np.int32))
            taken += self.samples
        stream = np.concatenate(parts)
        self.rest = stream[count:]
        return stream[:count]


@dataclass
class LoopState:
    """How far training has come. Between epochs `order` is empty; within one it holds the epoch's samples in order."""

    shuffle: Shuffle
    history: list[Row] = field(default_factory=list)  # of the epochs that are done
    hashes: list[str] = field(default_factory=list)  # one an epoch, each over the one before it (`epoch_hash`)
    order: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    step: int = 0  # steps done in this epoch
    rate: float = 0.0  # the learning rate at the start of this epoch
    seconds: float = 0.0  # spent on this epoch, up to its last checkpoint
    loss: float = 0.0  # sum of the samples' losses in this epoch
    outputs: list[np.ndarray] = field(default_factory=list)  # of this epoch's samples, for its training metrics
    best_weights: list[np.ndarray] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The number of epochs done."""
        return len(self.history)

    def end_epoch(self, row: Row, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Add an epoch's row, and the hash of where it has led; the next epoch has not begun."""
        self.history.append(row)
        self.order, self.step, self.rate, self.seconds, self.loss = np.empty(0, np.int32), 0, 0.0, 0.0, 0.0
        self.outputs = []
        self.hashes.append(self._hash(row, model, optimizer))

    def _hash(self, row: Row, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> str:
        """Return the SHA-256 of the last hash, the row without its times, the shuffle's state and all variables."""
        figures = {name: value for name, value in row.items() if name not in TIMES}
        digest = hashlib.sha256("".join(self.hashes[-1:]).encode())
        digest.update(json.dumps([figures, self.shuffle.generator.bit_generator.state]).encode())
        for variable in (*model.variables, *optimizer.variables):
            digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
        return digest.hexdigest()

    def arrays(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> dict[str, np.ndarray]:
        """Return all arrays of a checkpoint: those of the model (with its random seeds), the optimizer and the loop."""
        named = {"order": self.order, "shuffle_rest": self.shuffle.rest}
        if self.outputs:
            named["outputs"] = np.concatenate(self.outputs)
        for group, values in (
            ("model", [variable.numpy() for variable in model.variables]),
            ("optimizer", [variable.numpy() for variable in optimizer.variables]),
            ("best", self.best_weights),
        ):
            named.update({f"{group}/{number:04d}": np.asarray(value) for number, value in enumerate(values)})
        return named

    def scalars(self) -> dict[str, Any]:
        """Return what a checkpoint holds beside its arrays, as JSON can hold it."""
        return {
            **{name: getattr(self, name) for name in SCALARS},
            "shuffle": self.shuffle.generator.bit_generator.state,
            "random": random_states(),
        }

    def restore(self, saved: Saved, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Set this state, the model, the (built) optimizer and the global random states to those of a checkpoint.

        Raises ValueError or KeyError if they do not fit this model or optimizer.
        """
        arrays, scalars = saved
        for group, variables in (("model", model.variables), ("optimizer", optimizer.variables)):
            for variable, value in zip(variables, group_of(arrays, group), strict=True):
                variable.assign(value)
        self.best_weights = group_of(arrays, "best")
        self.order = arrays["order"]
        self.outputs = [arrays["outputs"]] if "outputs" in arrays else []
        self.shuffle.rest = arrays["shuffle_rest"]
        self.shuffle.generator.bit_generator.state = scalars["shuffle"]
        for name in SCALARS:
            setattr(self, name, scalars[name])
        set_random_states(scalars["random"])


def group_of(arrays: Mapping[str, np.ndarray], group: str) -> list[np.ndarray]:
    """Return the arrays of one group of a checkpoint (model, optimizer or best), in order."""
    return [arrays[name] for name in sorted(arrays) if name.startswith(f"{group}/")]
