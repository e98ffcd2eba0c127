"""What training needs of the run around it, and no more; training works without a run, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from seqrun.machine.signals import StopSignals
from seqrun.rundir.history import Row

if TYPE_CHECKING:
    import numpy as np

    from seqrun.events.events import Emit

TRAINING = "training"  # the stage of a run in which the best epoch is found; those after it have names of their own


class Saved(NamedTuple):
    """What a checkpoint holds: arrays by name, and all else as JSON can hold it."""

    arrays: Mapping[str, np.ndarray]
    scalars: Mapping[str, Any]


class Progress(Protocol):
    """What keeps a run's progress, so that it can go on after an interruption.

    A run has stages, one after the other and each with a name: the training, the refit, the folds of a backtest. A
    stage that is saved again makes what later stages have saved void.
    """

    def saved(self, stage: str) -> Saved | None:
        """Return the newest state of this stage that is whole, to go on from; None: it begins."""

    def save(self, stage: str, number: int, arrays: Mapping[str, np.ndarray], scalars: Mapping[str, Any]) -> None:
        """Keep the state of this stage after its epoch `number`; NaN and infinity are allowed."""

    def reached(self, stage: str, hashes: list[str], best_weights: list[np.ndarray]) -> None:
        """Take note, after each epoch, of the epochs' hashes and of the best weights so far: a run that ends before its
        time is left with them.
        """

    def forget(self, stage: str) -> None:
        """Remove what this stage has saved: its result is kept elsewhere."""


class NoProgress:
    """Progress that is kept nowhere: every stage begins."""

    def saved(self, stage: str) -> Saved | None:
        """Return None: nothing is kept."""
        return None

    def save(self, stage: str, number: int, arrays: Mapping[str, np.ndarray], scalars: Mapping[str, Any]) -> None:
        """Keep nothing."""

    def reached(self, stage: str, hashes: list[str], best_weights: list[np.ndarray]) -> None:
        """Do nothing."""

    def forget(self, stage: str) -> None:
        """Do nothing."""


class Stateful(Protocol):
    """Something of a user's own whose state belongs to a checkpoint: a counter, a moving average, a generator."""

    def state(self) -> Any:
        """Return the state, of what JSON can hold."""

    def set_state(self, state: Any) -> None:
        """Go back to a state that `state` returned."""


@dataclass(frozen=True)
class Session:
    """The run's seed, the follower of its events, and how to save its progress.

    What a plugin puts into `carried`, under a name, before the training begins is saved in each checkpoint and set
    again when the run is resumed. What is a variable of the model or of the optimizer, Python's, numpy's and Keras'
    global random states are saved anyway.
    """

    seed: int
    emit: Emit
    save_row: Callable[[Row], None] = lambda row: None  # after each epoch
    progress: Progress = field(default_factory=NoProgress)
    signals: StopSignals = field(default_factory=StopSignals)
    carried: dict[str, Stateful] = field(default_factory=dict)
    cache: Path | None = None  # the folder where what was computed from data is kept for other runs; None: nowhere
