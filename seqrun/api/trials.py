"""Runs that a command needs: found where they are there already, gone on with or trained where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.comparing.repeats import experiment_config, experiment_of, started
from seqrun.errors import UsageError
from seqrun.rundir.atomic import plain
from seqrun.rundir.names import runs_in
from seqrun.rundir.reading import REPRODUCES, RunRecord, read_found_run

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.running.ending import Ended
    from seqrun.running.workshop import Workshop

ENDED = ("finished", "diverged")  # what would come to the same again
USABLE = ("running", "interrupted", *ENDED)


@dataclass(frozen=True)
class Trial:
    """A run that is needed, and what there is of it."""

    experiment: Experiment
    run: RunRecord | None  # None: nothing

    @property
    def done(self) -> bool:
        """Whether there is nothing to be trained."""
        return self.run is not None and self.run.status in ENDED


def find_trials(experiments: Iterable[Experiment], *folders: Path) -> list[Trial]:
    """Return a trial for each experiment, with the run in these folders that has its config, its seed and its data.

    Of several runs it is the newest finished one, else the newest; one that only reproduced another comes last. Names,
    tags and notes do not matter. A run whose data file is not what it was, or that failed, is none. Raises UsageError
    if another process is training one of them.
    """
    wanted = [(each, _key(experiment_of(plain(each.resolved())), each.seed)) for each in experiments]
    keys = {key for _, key in wanted}
    found: dict[str, RunRecord] = {}
    for run in sorted(runs_of(folders), key=_rank):
        key = _key(experiment_config(run), run.record.get("seed"))
        if key in keys and run.status in USABLE and _has_its_data(run):
            found[key] = run
    for run in found.values():
        if run.status == "running":
            raise UsageError(f"{run.path}: another process is training this run, which is needed; wait for its end")
    return [Trial(experiment, found.get(key)) for experiment, key in wanted]


def carry_out(trials: Sequence[Trial], workshop: Workshop) -> Iterator[Ended]:
    """Train what is not done, one after the other, and yield how each ended; what was interrupted goes on.

    A failure ends its own run, a signal all of them.
    """
    for trial in trials:
        if not trial.done:
            yield _carried_out(trial, workshop)
        if workshop.signals.received is not None:
            return


def _carried_out(trial: Trial, workshop: Workshop) -> Ended:
    from seqrun.api.resuming import recorded_config
    from seqrun.running.resuming import check_whole, resume
    from seqrun.running.runner import run

    if trial.run is None:
        return run(trial.experiment, workshop)
    check_whole(trial.run)
    # Its plugins are those of the config that was given: their content was compared.
    experiment = recorded_config(trial.run, (), allow_plugins=True)
    return resume(trial.run, experiment, workshop, anyway=False)


def named(experiment: Experiment, name: str, tag: str) -> Experiment:
    """Return the experiment under another name and with a tag, neither of which changes what it comes to."""
    return replace(experiment, name=name, tags=tuple(dict.fromkeys([*experiment.tags, tag])))


def runs_of(folders: Iterable[Path]) -> Iterator[RunRecord]:
    """Yield the runs in these folders; a damaged one is none that could be used."""
    for path in (path for folder in dict.fromkeys(each.absolute() for each in folders) for path in runs_in(folder)):
        try:
            yield read_found_run(path)
        except UsageError:
            continue


def _rank(run: RunRecord) -> tuple[bool, bool, tuple[str, str]]:
    return run.status in ENDED, REPRODUCES not in run.record, started(run)


def _key(config: Mapping[str, object], seed: object) -> str:
    return json.dumps([config, seed], sort_keys=True)


def _has_its_data(run: RunRecord) -> bool:
    """Return whether the files that the run was trained on are what they were; folders are not looked into."""
    from seqrun.datasets.files.sources import sha256
    from seqrun.running.recorded_data import recorded_sources

    data = run.record.get("data") or {}
    if data.get("sources") is None:
        return False
    for source in recorded_sources(run.record):
        try:
            if not source.path.is_dir() and sha256(source.path) != source.sha256:
                return False
        except OSError:
            return False
    return True
