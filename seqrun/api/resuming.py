"""Going on with a run from Python, and from the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.calls import changes, data_folder, ended_well, one_interruptible
from seqrun.errors import UsageError

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.config.given import Given
    from seqrun.console import ProgressKind
    from seqrun.machine.signals import StopSignals
    from seqrun.rundir.reading import RunRecord
    from seqrun.running.ending import Ended


def resumed(
    run: Path,
    settings: Mapping[str, Any] | None,
    *,
    allow_plugins: bool,
    anyway: bool,
    data_dir: str | os.PathLike[str] | None,
    cache: bool,
    progress: ProgressKind,
) -> None:
    """Go on with the run in this directory to its end; see `Run.resume`."""
    from seqrun.rundir.reading import read_run

    found = read_run(run)
    experiment = resumable(found, changes(settings), allow_plugins)
    if experiment is None:
        return
    how: dict[str, Any] = {"anyway": anyway, "data_dir": data_folder(data_dir), "cache": cache, "progress": progress}
    with one_interruptible() as signals:
        ended = gone_on(found, experiment, signals, ["seqrun.resume", str(run)], **how)
    ended_well(ended)


def gone_on(
    run: RunRecord,
    experiment: Experiment,
    signals: StopSignals,
    argv: Sequence[str],
    *,
    anyway: bool,
    data_dir: Path | None,
    cache: bool,
    progress: ProgressKind,
) -> Ended:
    """Go on with the run as its `resumable` experiment says, in its own place, and return how that ended."""
    from seqrun.api.workshop import open_workshop
    from seqrun.running.resuming import resume

    where, threads, runs_dir = device_of(run, anyway=anyway), run.record["threads"], run.path.parent
    how: dict[str, Any] = {"cached": cache, "progress": progress, "deterministic": was_deterministic(run)}
    with open_workshop(signals, where, threads, runs_dir, data_dir, argv, **how) as shop:
        return resume(run, experiment, shop, anyway=anyway)


def resumable(run: RunRecord, overrides: Sequence[str | Given], allow_plugins: bool) -> Experiment | None:
    """Return the run's experiment with the changes; None if it has finished and nothing is changed.

    Raises UsageError if there is nothing to go on with, or if it needs plugins which are not allowed.
    """
    from seqrun.running.resuming import check_changes, check_resumable, check_whole

    check_changes(overrides)
    check_whole(run)
    if run.status == "finished" and not overrides:
        return None
    experiment = recorded_config(run, overrides, allow_plugins)
    check_resumable(run, experiment, changed=bool(overrides))
    return experiment


def device_of(run: RunRecord, *, anyway: bool) -> str:
    """Return the device on which the run goes on: the kind that it was trained on or, if `anyway`, what there is."""
    device = str(run.record["device"])
    return "cpu" if device.startswith("CPU") else "auto" if anyway else device.partition(" ")[0].lower()


def was_deterministic(run: RunRecord) -> bool:
    """Return whether the run's operations gave the same bits each time; not known of a run of before, and so False."""
    return bool(run.record.get("deterministic"))


def recorded_config(run: RunRecord, overrides: Sequence[str | Given], allow_plugins: bool) -> Experiment:
    """Return the experiment of the run's `config.yaml` with the changes, and with the run's copies of its plugins.

    Raises UsageError for a run without the file, or that needs plugins which are not allowed.
    """
    from seqrun.config.experiment import load_experiment
    from seqrun.config.recorded import own_plugins

    config = run.path / "config.yaml"
    if not config.is_file():
        raise UsageError(f"{run.path}: has no config.yaml to go on with")
    plugins = [str(path.resolve()) for path in own_plugins(run, allowed=allow_plugins)]
    return load_experiment(config, [*overrides, *([f"plugins={json.dumps(plugins)}"] if plugins else [])])
