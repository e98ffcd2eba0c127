"""Training a run again from its directory alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.api.resuming import recorded_config
from seqrun.errors import UsageError

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.rundir.reading import RunRecord
    from seqrun.running.ending import Ended
    from seqrun.running.workshop import Workshop


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
    """Train the run's experiment in a new run directory, on the run's own data, and return how that ended.

    What differs now from when the run was trained is told first.
    """
    from seqrun.comparing.surroundings import differing, surroundings, surroundings_of
    from seqrun.events.events import Warned
    from seqrun.machine.device import threads_in_use
    from seqrun.rundir.environment import code_patch, environment
    from seqrun.running.runner import run as trained

    here = {**environment(), "device": workshop.device, "threads": threads_in_use()}
    for difference in differing(surroundings_of(run), surroundings(here, code_patch())):
        workshop.emit(Warned(f"not as when the run was trained: {difference}"))
    return trained(experiment, workshop, run)
