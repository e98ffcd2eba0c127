"""The progress of a run in its directory: the checkpoints of each of its stages."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.session import TRAINING, Saved
from seqrun.rundir.checkpoints import FOLDER, KEPT, Checkpoint, keep_newest, latest_checkpoint, save_checkpoint
from seqrun.rundir.columns import TIMES
from seqrun.rundir.history import Row, numbers, to_csv
from seqrun.rundir.reading import HISTORY
from seqrun.training.state import group_of

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.options import Checkpoints
    from seqrun.rundir.directory import RunDirectory
    from seqrun.running.timer import Timer

_CLOCK = "clock"  # where a checkpoint keeps the run's


class RunProgress:
    """Keeps a run's progress in `RUN/checkpoints`: `epoch-00012` of the training, other stages in folders below it."""

    def __init__(self, run: RunDirectory, settings: Checkpoints, timer: Timer):
        self.hashes: list[str] = []  # of the epochs of the training
        self.best_weights: list[np.ndarray] = []  # of the training so far, as `model.set_weights` takes them
        self._run = run
        self._folder = run.path / FOLDER
        self._settings = settings
        self._timer = timer
        self._stages: list[str] = []  # gone through so far
        self._looked_at: Checkpoint | None = None  # of the training
        self._has_looked = False

    def epochs(self) -> int:
        """Return how many epochs the newest whole checkpoint of the training has; 0 without one."""
        self._looked_at, self._has_looked = latest_checkpoint(self._folder, self._not_own), True
        return self._looked_at.epoch if self._looked_at else 0

    def saved(self, stage: str) -> Saved | None:
        """Return the newest state of this stage that is whole, and set the clock to when it was saved."""
        self._enter(stage)
        looked, self._has_looked = self._has_looked and stage == TRAINING, False
        found = self._looked_at if looked else latest_checkpoint(self._of(stage))
        self._looked_at = None
        if found is None:
            return None
        saved = Saved(found.arrays, found.scalars)
        self.reached(stage, saved.scalars.get("hashes", []), group_of(saved.arrays, "best"))
        self._timer.go_on_from(saved.scalars[_CLOCK])
        return saved

    def save(self, stage: str, number: int, arrays: Mapping[str, np.ndarray], scalars: Mapping[str, Any]) -> None:
        """Keep the state of this stage; what later stages have saved in another process is void, and removed."""
        self._run.check()
        self._enter(stage)
        for path in self._folder.glob("*"):
            if path.is_dir() and not path.name.startswith(("epoch-", ".")) and path.name not in self._stages:
                shutil.rmtree(path)
        keep = None if self._settings.keep == "all" and stage == TRAINING else KEPT
        save_checkpoint(self._of(stage), number, arrays, {**scalars, _CLOCK: self._timer.reading()}, keep=keep)

    def reached(self, stage: str, hashes: list[str], best_weights: list[np.ndarray]) -> None:
        """Take note of the hashes of the training's epochs, and of its best weights so far."""
        if stage == TRAINING:
            self.hashes, self.best_weights = hashes, best_weights

    def forget(self, stage: str) -> None:
        """Remove the checkpoints of this stage."""
        if self._of(stage).exists():
            shutil.rmtree(self._of(stage))

    def finish(self) -> None:
        """Remove what a finished run does not keep."""
        if self._folder.exists():
            keep_newest(self._folder, {"none": 0, "last": 1, "all": None}[self._settings.keep])

    def _not_own(self, found: Checkpoint) -> str | None:
        """Return what tells the checkpoint from those of this run, None if nothing does.

        Another run's would be gone on with, and nothing would show it.
        """
        rows, own = found.scalars["history"], {row["epoch"]: row for row in self._run.rows}
        both = [row for row in rows if row["epoch"] in own]
        if _timeless(both) == _timeless([own[row["epoch"]] for row in both]):
            return None
        return f"is of another run: {HISTORY} has other figures for its epochs"

    def _enter(self, stage: str) -> None:
        if stage not in self._stages:
            self._stages.append(stage)

    def _of(self, stage: str) -> Path:
        return self._folder if stage == TRAINING else self._folder / stage


def _timeless(rows: list[Row]) -> str:
    """Return the rows as text, in which NaN equals NaN, without what a clock has measured."""
    return to_csv([{name: value for name, value in numbers(row).items() if name not in TIMES} for row in rows])
