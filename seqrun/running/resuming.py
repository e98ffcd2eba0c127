"""Going on with a run that ended before its time, or with a finished one for more epochs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.config.experiment import to_yaml
from seqrun.config.given import Given
from seqrun.errors import UsageError
from seqrun.events.events import Message, Warned, to_all
from seqrun.events.lines import EarlyLog, log_emit, logging_to
from seqrun.machine.device import kind_of
from seqrun.rundir.checkpoints import checkpoints_of
from seqrun.rundir.directory import RunDirectory, utc_now
from seqrun.rundir.environment import environment
from seqrun.rundir.reading import HISTORY, RECORD, RunRecord
from seqrun.running.ending import Ended, ended_before
from seqrun.running.progress import RunProgress
from seqrun.running.recorded_data import check_data, recorded_sources
from seqrun.running.recording import record_artifacts
from seqrun.running.runner import carried_out, prepared
from seqrun.running.settings import CHANGEABLE, changed_settings
from seqrun.running.timer import Timer
from seqrun.training.plateau import stops

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Splits
    from seqrun.running.workshop import Workshop

# Packages whose version can change a figure without a word; another version of Python or another processor may change
# the last digits.
COMPUTING = ("seqrun", "tensorflow", "keras", "numpy", "scikit-learn", "pandas")


def check_changes(overrides: Sequence[str | Given]) -> None:
    """Raise UsageError for an argument of `--set` that would change what was trained so far."""
    for given in overrides:
        key, told = (given.key, given.told) if isinstance(given, Given) else (given.partition("=")[0], f"--set {given}")
        if key.strip() not in CHANGEABLE:
            raise UsageError(f"{told}: of a run that is gone on with, only {' and '.join(CHANGEABLE)} can be set")


def check_whole(run: RunRecord, aim: str = "gone on with") -> None:
    """Raise UsageError for a run whose record lacks what is needed to go on, as one of an old version of seqrun may.

    `aim` is what the run is to be, as the message says it.
    """
    record, data = run.record, run.record.get("data") or {}
    missing = [name for name in ("config", "device", "threads") if record.get(name) is None]
    missing += [f"data.{name}" for name in ("sources", "rows") if data.get(name) is None]
    if missing:
        raise UsageError(f"{run.path}: its {RECORD} does not say {' and '.join(missing)}: it cannot be {aim}")


def check_resumable(run: RunRecord, experiment: Experiment, *, changed: bool) -> None:
    """Raise UsageError if there is nothing to go on with; `changed` says that a setting was given anew."""
    done, trainer = len(run.history), experiment.trainer
    if run.status == "running":
        raise UsageError(f"{run.path}: another process is working on this run")
    if run.status == "diverged":
        raise UsageError(
            f"{run.path}: this run diverged ({run.record.get('error')}); going on from its checkpoint would end "
            f"likewise: train anew, as seqrun train {run.path}/config.yaml --set trainer.optimizer.global_clipnorm=1.0"
        )
    if not changed:
        return
    if trainer.epochs < done:
        raise UsageError(f"--set trainer.epochs={trainer.epochs}: the run has trained {done} epochs already")
    if run.status == "finished" and not checkpoints_of(run.path):
        raise UsageError(
            f"{run.path}: this finished run kept no checkpoint (trainer.checkpoint: {{keep: none}}) to train more "
            f"epochs from; train anew: seqrun train {run.path}/config.yaml --set trainer.epochs={trainer.epochs}"
        )
    stopping = trainer.early_stopping and trainer.directed(trainer.early_stopping)
    if stopping and run.history and stops([row[stopping.monitor] for row in run.history], stopping):
        raise UsageError(
            f"{run.path}: early stopping ended the training after epoch {done}, and would again: more epochs change "
            f"nothing without more patience, as --set trainer.early_stopping.patience={2 * stopping.patience + 1}"
        )


def resume(run: RunRecord, experiment: Experiment, workshop: Workshop, *, anyway: bool) -> Ended:
    """Go on with the run from its last whole checkpoint, and return how that ended; errors are recorded, not raised.

    What fails before training goes on changes nothing in the run. `anyway` goes on although packages or the device
    differ from the run's. Raises UsageError if another process is working on it.
    """
    log, timer = EarlyLog(), Timer()
    emit = to_all([*workshop.followers, log_emit(log)])
    ended = run.record.get("finished") if run.status == run.record["status"] else _last_sign_of_life(run.path)
    with RunDirectory.open(run.path) as directory:
        log.into(directory.log)
        progress = RunProgress(directory, experiment.trainer.checkpoint, timer)
        try:
            with logging_to(emit):
                differences = [*_differences(run.record, experiment, workshop, anyway=anyway)]
                for difference in differences:
                    emit(Warned(difference))
                ready = prepared(experiment, workshop, emit, timer, recorded_sources(run.record))
                check_data(run.record, ready.splits)
                epochs = progress.epochs()
                _record_resumption(directory, run, experiment, ready.splits, epochs, differences, ended)
                emit(Message(f"resumed after {epochs} of {experiment.trainer.epochs} epochs"))
        except BaseException as error:
            return ended_before(directory, workshop.signals.cause_of(error), emit, timer)
        return carried_out(ready, workshop, directory, emit, progress, new=False)


def _differences(
    record: Mapping[str, Any], experiment: Experiment, workshop: Workshop, *, anyway: bool
) -> Iterator[str]:
    """Yield in what settings and machine differ from the run's; UsageError if that changes figures, unless `anyway`."""
    now = environment()
    was, packages = record.get("packages", {}), now["packages"]
    serious = [
        f"{name} {packages.get(name)} for {was[name]}"
        for name in COMPUTING
        if name in was and was[name] != packages.get(name)
    ]
    if kind_of(record["device"]) != kind_of(workshop.device):
        serious.append(f"{workshop.device} for {record['device']}")
    serious += changed_settings(record["config"], experiment)
    if serious and not anyway:
        raise UsageError(
            f"the run was trained with other things than these: {', '.join(serious)}; what it comes to would not be "
            "what it would have come to, and nothing would show it: --anyway goes on nevertheless"
        )
    mild = [f"Python {packages['python']} for {was['python']}"] if was.get("python") != packages["python"] else []
    model = record.get("cpu", {}).get("model")
    if model != now["cpu"]["model"]:
        mild.append(f"the processor {now['cpu']['model']} for {model}")
    for difference in (*serious, *mild):
        yield f"not as when the run began: {difference}; figures may differ from an uninterrupted run's"


def _record_resumption(
    directory: RunDirectory,
    run: RunRecord,
    experiment: Experiment,
    splits: Splits,
    epochs: int,
    differences: Sequence[str],
    ended: str | None,
) -> None:
    """Record that the run goes on, from where, and when it had ended; then leave out the epochs that come again."""
    again: dict[str, Any] = {"interrupted": ended, "resumed": utc_now(), "status": run.status, "epochs": epochs}
    if differences:
        again["differences"] = [*differences]
    directory.write_text("config.yaml", to_yaml(experiment))
    directory.record.pop("error", None)
    resumed = [*run.record.get("resumed", []), again]
    directory.update(status="running", config=experiment.resolved(), resumed=resumed)
    record_artifacts(directory, splits)  # some may have been lost
    directory.cut(epochs)


def _last_sign_of_life(run: Path) -> str:
    """Return when a killed run last wrote what it had come to, as `utc_now` writes it."""
    written = [run / RECORD, run / HISTORY, *checkpoints_of(run)[:1]]
    newest = max(path.stat().st_mtime for path in written if path.exists())
    return datetime.fromtimestamp(newest, UTC).isoformat(timespec="milliseconds")
