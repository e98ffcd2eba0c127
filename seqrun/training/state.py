"""The training loop's whole state as one value: what a checkpoint holds, and all that an exact resume needs.

Early stopping and LR reduction have no state of their own: they are functions of the history (plateau.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.rundir.history import Row

if TYPE_CHECKING:
    import keras


class Shuffle:
    """An endless stream of sample numbers, one random permutation after another."""

    def __init__(self, samples: int, seed: int):
        self.samples = samples
        self.generator = np.random.Generator(np.random.PCG64(seed))
        self.rest = np.empty(0, np.int32)  # of the permutation that is being used up

    def take(self, count: int) -> np.ndarray:
        """Return the next `count` sample numbers, int32."""
        parts = [self.rest]
        while sum(map(len, parts)) < count:
            parts.append(self.generator.permutation(self.samples).astype(np.int32))
        stream = np.concatenate(parts)
        self.rest = stream[count:]
        return stream[:count]


@dataclass
class LoopState:
    """How far training has come. Between epochs `order` is empty; within one it holds the epoch's samples in order."""

    shuffle: Shuffle
    history: list[Row] = field(default_factory=list)  # of the epochs that are done
    order: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    step: int = 0  # steps done in this epoch
    loss: float = 0.0  # sum of the samples' losses in this epoch
    outputs: list[np.ndarray] = field(default_factory=list)  # of this epoch's samples, for its training metrics
    best_weights: list[np.ndarray] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The number of epochs done."""
        return len(self.history)

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
            "history": self.history,
            "step": self.step,
            "loss": self.loss,
            "shuffle": self.shuffle.generator.bit_generator.state,
        }

    def restore(
        self,
        arrays: Mapping[str, np.ndarray],
        scalars: Mapping[str, Any],
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
    ) -> None:
        """Set this state, the model and the (built) optimizer to the values of a checkpoint.

        Raises ValueError if they do not fit this model or optimizer.
        """
        groups = {
            group: [arrays[name] for name in sorted(arrays) if name.startswith(f"{group}/")]
            for group in ("model", "optimizer", "best")
        }
        for group, variables in (("model", model.variables), ("optimizer", optimizer.variables)):
            for variable, value in zip(variables, groups[group], strict=True):
                variable.assign(value)
        self.best_weights = groups["best"]
        self.order = arrays["order"]
        self.outputs = [arrays["outputs"]] if "outputs" in arrays else []
        self.shuffle.rest = arrays["shuffle_rest"]
        self.shuffle.generator.bit_generator.state = scalars["shuffle"]
        self.history = list(scalars["history"])
        self.step, self.loss = scalars["step"], scalars["loss"]
