"""The best weights so far of a run that is going on, or was killed: those in its newest checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Trainer
from seqrun.errors import UsageError
from seqrun.inference.weights import WEIGHTS
from seqrun.readable import counted
from seqrun.rundir.checkpoints import FOLDER, Checkpoint, checkpoints_of, latest_checkpoint
from seqrun.rundir.reading import RunRecord
from seqrun.training.plateau import best_epoch, watched_by
from seqrun.training.state import group_of

if TYPE_CHECKING:
    import keras

_LOOKS = 3  # at the checkpoints of a run that replaces them meanwhile


@dataclass(frozen=True)
class BestSoFar:
    """The best weights of a training up to a checkpoint."""

    weights: list[np.ndarray]  # as `model.set_weights` takes them
    epoch: int  # whose weights they are
    epochs: int  # done at the checkpoint

    def __str__(self) -> str:
        return f"those of epoch {self.epoch}, the best of the {counted(self.epochs, 'epoch')} at its last checkpoint"

    def load(self, model: keras.Model, run: RunRecord) -> None:
        """Put the weights into the run's network; UsageError if they are another's."""
        try:
            model.set_weights(self.weights)
        except ValueError as error:
            raise UsageError(
                f"{run.path / FOLDER}: these are not the weights of the run's network: {str(error).splitlines()[0]}"
            ) from error


def best_so_far(run: RunRecord, trainer: Trainer) -> BestSoFar | None:
    """Return the best weights in the run's newest checkpoint; None if it has none, or if its weights file counts.

    That counts once the run has ended in good order, and while one that has results trains for more epochs. The run is
    only read: its process goes on undisturbed.
    """
    if not counts_so_far(run):
        return None
    found = _newest(run)
    weights = group_of(found.arrays, "best") if found else []
    return BestSoFar(weights, _best_epoch(found.scalars, trainer), found.epoch) if found and weights else None


def counts_so_far(run: RunRecord) -> bool:
    """Return whether the run's weights are those in a checkpoint: it is going on or was killed, and has no results."""
    if run.metrics is not None or run.record["status"] == "finished":
        return False
    return run.record["status"] == "running" or not (run.path / WEIGHTS).is_file()


def _newest(run: RunRecord) -> Checkpoint | None:
    for _ in range(_LOOKS):  # the run may have removed what was listed before it could be read
        if found := latest_checkpoint(run.path / FOLDER):
            return found
        if not checkpoints_of(run.path):
            break
    return None


def _best_epoch(scalars: Mapping[str, Any], trainer: Trainer) -> int:
    monitor, mode = watched_by(trainer)
    history = scalars["history"]
    return best_epoch([row.get(monitor, math.nan) for row in history], monitor, mode) or len(history)
