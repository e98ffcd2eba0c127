"""Training a run again from its directory alone, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.calls import data_folder, ended_well, folder, one_interruptible
from seqrun.api.resuming import device_of, recorded_config, was_deterministic
from seqrun.errors import UsageError
from seqrun.rundir.atomic import plain
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.comparing.reproduction import Reproduction, Word
    from seqrun.components.base import Experiment
    from seqrun.console import ProgressKind
    from seqrun.machine.signals import StopSignals
    from seqrun.rundir.reading import RunRecord
    from seqrun.running.ending import Ended
    from seqrun.running.workshop import Workshop


class Reproduced:
    """What came of training a run again."""

    def __init__(self, found: Reproduction):
        self._found = found

    @property
    def verdict(self) -> Word:
        """`identical`, `within noise` or `differs`."""
        return self._found.word

    @property
    def sentence(self) -> str:
        """What came out in one sentence, with the first epoch, array and figure that differ."""
        return self._found.sentence

    @property
    def path(self) -> Path:
        """The new run's directory, which `seqrun.load` reads; beside the first it counts in no mean."""
        return self._found.again.path

    @property
    def record(self) -> dict[str, Any]:
        """All of it as `seqrun reproduce --json` has it: differences, noise, and what else is not as it was."""
        found: dict[str, Any] = plain(self._found.record())
        return found

    def __repr__(self) -> str:
        return f"<seqrun.Reproduced {self.path.name}: {self.sentence}>"


def reproduced(
    run: Path,
    *,
    allow_plugins: bool,
    runs_dir: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None,
    cache: bool,
    progress: ProgressKind,
) -> Reproduced:
    """Train the run in this directory again and return what came of it; see `Run.reproduce`."""
    found = read_run(run)
    experiment = reproducible(found, allow_plugins=allow_plugins)
    how: dict[str, Any] = {"runs_dir": folder("runs_dir", runs_dir), "data_dir": data_folder(data_dir)}
    with one_interruptible() as signals:
        argv = ["seqrun.reproduce", str(run)]
        ended = made_again(found, experiment, signals, argv, **how, cache=cache, progress=progress)
    return Reproduced(concluded(found.path, ended_well(ended)))


def made_again(
    run: RunRecord,
    experiment: Experiment,
    signals: StopSignals,
    argv: Sequence[str],
    *,
    runs_dir: Path,
    data_dir: Path | None,
    cache: bool,
    progress: ProgressKind,
) -> Ended:
    """Train the run's `reproducible` experiment in a new run directory, and return how that ended.

    It is trained on as many threads, and on a device of the same kind if there is one.
    """
    from seqrun.api.workshop import open_workshop

    where, threads = device_of(run, anyway=True), run.record["threads"]
    how: dict[str, Any] = {"cached": cache, "progress": progress, "deterministic": was_deterministic(run)}
    with open_workshop(signals, where, threads, runs_dir, data_dir, argv, **how) as shop:
        return train_again(run, experiment, shop)


def concluded(original: Path, again: Path) -> Reproduction:
    """Return what came of training the run in the first directory again, in the second."""
    from seqrun.comparing.reproduction import reproduction

    return reproduction(read_run(original), read_run(again))


def reproducible(run: RunRecord, *, allow_plugins: bool) -> Experiment:
    """Return the run's experiment, as it was trained.

    Raises UsageError for a run that has not finished, needs plugins which are not allowed, or whose config is not what
    it was.
    """
    from seqrun.running.resuming import check_whole
    from seqrun.running.settings import changed_settings

    if run.status != "finished":
        raise UsageError(f"{run.path}: {run.status}, not finished: there are no results to be reproduced")
    check_whole(run, "trained again")
    experiment = recorded_config(run, (), allow_plugins)
    if changed := changed_settings(run.record["config"], experiment):
        raise UsageError(f"{run.path}/config.yaml is not what the run was trained with: {', '.join(changed)}")
    return experiment


def train_again(run: RunRecord, experiment: Experiment, workshop: Workshop) -> Ended:
    """Train the run's experiment on the run's own data; what differs now from when it was trained is told first."""
    from seqrun.comparing.surroundings import differing, surroundings, surroundings_of
    from seqrun.events.events import Warned
    from seqrun.machine.device import deterministic, threads_in_use
    from seqrun.rundir.environment import code_patch, environment
    from seqrun.running.runner import run as trained

    same = {"device": workshop.device, "deterministic": deterministic(), "threads": threads_in_use()}
    here = {**environment(), **same}
    for difference in differing(surroundings_of(run), surroundings(here, code_patch())):
        workshop.emit(Warned(f"not as when the run was trained: {difference}"))
    return trained(experiment, workshop, run)
