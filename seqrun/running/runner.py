"""From one experiment to one run directory: the phases of a run, each recorded as it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from seqrun.components.outcome import Outcome
from seqrun.components.repeat import Repeat
from seqrun.components.session import Session
from seqrun.components.splits import Splits
from seqrun.config.experiment import to_yaml
from seqrun.datasets.files.prepared import programs_folder
from seqrun.events.events import Emit, Finished, Message, Started, Warned, to_all
from seqrun.events.lines import EarlyLog, log_emit, logging_to
from seqrun.machine.device import threads_in_use
from seqrun.machine.programs import keep_programs
from seqrun.machine.withheld import masked
from seqrun.rundir.directory import RunDirectory, check_runs_dir, utc_now
from seqrun.running import gpu_gain
from seqrun.running.ending import Ended, cause_of, keep_best_weights, recorded_end, shown
from seqrun.running.loggers import Loggers
from seqrun.running.phases import Ready, build, fit, measure, prepare
from seqrun.running.progress import RunProgress
from seqrun.running.recorded_data import check_data, recorded_sources
from seqrun.running.recording import (
    facts_of,
    record_paths,
    record_results,
    record_start,
    with_own_plugins,
)
from seqrun.running.timer import Timer
from seqrun.running.workshop import Workshop

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.provenance import Source
    from seqrun.rundir.reading import RunRecord


def run(experiment: Experiment, workshop: Workshop, original: RunRecord | None = None) -> Ended:
    """Train the experiment in a new run directory and return how that ended; errors are recorded, not raised.

    The directory is made when the data and the network are ready: what fails before leaves none. `original` is a run
    of this experiment that is trained again, on its own data alone. Raises UsageError if no directory could be made.
    """
    check_runs_dir(workshop.runs_dir)
    log, timer = EarlyLog(), Timer()
    emit = to_all([*workshop.followers, log_emit(log)])
    try:
        with logging_to(emit):
            ready = _prepared_as(original, experiment, workshop, emit, timer)
            directory = RunDirectory.create(workshop.runs_dir, experiment.name, private=experiment.private)
    except BaseException as error:
        return recorded_end(None, workshop.signals.cause_of(error), emit, timer)
    with directory:
        log.into(directory.log)
        progress = RunProgress(directory, experiment.trainer.checkpoint, timer)
        return carried_out(ready, workshop, directory, emit, progress)


def _prepared_as(
    original: RunRecord | None, experiment: Experiment, workshop: Workshop, emit: Emit, timer: Timer
) -> Ready:
    """Return what `prepared` does, of a run that is trained again with its own data; DataError if they are others."""
    if original is None:
        return prepared(experiment, workshop, emit, timer)
    ready = prepared(experiment, workshop, emit, timer, recorded_sources(original.record))
    check_data(original.record, ready.splits)
    return replace(ready, original=original)


def carried_out(
    ready: Ready, workshop: Workshop, directory: RunDirectory, emit: Emit, progress: RunProgress, *, new: bool = True
) -> Ended:
    """Train and measure what is ready, in its directory, and return how that ended; errors are recorded, not raised.

    A new run that was refused before it trained an epoch leaves no directory.
    """
    loggers = Loggers(emit)
    emit = to_all([emit, loggers])
    try:
        with logging_to(emit):
            if new:
                ready = _recorded(ready, workshop, directory)
            loggers.begin(ready.experiment.loggers, directory)
            finished = _train(ready, workshop, directory, emit, progress)
            directory.update(status="finished", finished=utc_now(), seconds=finished.seconds)
    except BaseException as error:
        keep_best_weights(directory, ready.model, progress, emit)
        error = cause_of(workshop.signals.cause_of(error), directory)
        return recorded_end(directory, error, emit, ready.timer, new=new)
    finally:
        _keep_programs(workshop, emit)
    progress.finish()
    emit(finished)
    return Ended(shown(directory.path), 0)


def _keep_programs(workshop: Workshop, emit: Emit) -> None:
    """Keep what the run has compiled for the next process, unless nothing is to be kept; where it cannot, only warn."""
    folder = workshop.cache and programs_folder()
    try:
        keep_programs(folder, threads_in_use())
    except OSError as error:
        emit(Warned(f"compiled programs cannot be kept in {folder}: {error.strerror or error}"))


def prepared(
    experiment: Experiment, workshop: Workshop, emit: Emit, timer: Timer, known: tuple[Source, ...] = ()
) -> Ready:
    """Return the experiment's data and its new network; `known` are the files of a run that is gone on with."""
    workshop.signals.check()
    with timer("data"):
        splits = prepare(experiment, workshop, emit, known)
    workshop.signals.check()
    with timer("build"):
        model, splits = build(experiment, splits)
    return Ready(experiment, splits, model, timer)


def _recorded(ready: Ready, workshop: Workshop, directory: RunDirectory) -> Ready:
    """Record what the run is made with, and return it with its own copies of its plugins."""
    ready = replace(ready, experiment=with_own_plugins(ready.experiment, directory.path))
    record_start(directory, ready, workshop)
    return ready


def _train(ready: Ready, workshop: Workshop, directory: RunDirectory, emit: Emit, progress: RunProgress) -> Finished:
    """Run the phases from training on, record each as it ends, and return what is to be said at the end."""
    experiment, splits, model, timer = ready.experiment, ready.splits, ready.model, ready.timer
    for fact in facts_of(splits):
        emit(Message(fact))
    emit(_started(experiment, splits, model, directory, workshop.device))
    gpu_gain.tell(emit, workshop.device, experiment, model)
    session = Session(
        experiment.seed,
        emit,
        save_row=directory.add_epoch,
        progress=progress,
        signals=workshop.signals,
        cache=workshop.cache,
    )
    workshop.signals.check()
    with timer("fit"):
        fitted = fit(experiment, model, splits, session)
    record_paths(directory, model)
    directory.update(epochs_sha256=progress.hashes)
    workshop.signals.check()
    with timer("measure"):
        outcome = measure(experiment, model, splits, fitted, session)
    workshop.signals.check()
    with timer("results"):
        record_results(directory, outcome, model, splits)
    for warning in outcome.warnings:
        emit(Warned(warning))
    directory.update(warnings=[*map(masked, (*splits.warnings, *outcome.warnings))], durations=timer.seconds)
    return _finished(directory, outcome, timer.total())


def _finished(directory: RunDirectory, outcome: Outcome, seconds: float) -> Finished:
    return Finished(
        run=shown(directory.path),
        status="finished",
        best_epoch=outcome.best_epoch,
        metrics=dict(outcome.metrics["test"]),
        baselines={name: dict(metrics) for name, metrics in outcome.baselines.items()},
        skill=outcome.skill,
        seconds=seconds,
    )


def _started(
    experiment: Experiment, splits: Splits, model: keras.Model, directory: RunDirectory, device: str
) -> Started:
    trainer = experiment.trainer
    samples = len(splits.train)
    return Started(
        run=shown(directory.path),
        name=experiment.name,
        epochs=trainer.epochs,
        steps_per_epoch=trainer.steps_per_epoch or -(-samples // trainer.batch_size),
        samples=samples,
        parameters=model.count_params(),
        device=device,
        monitor=trainer.early_stopping.monitor if trainer.early_stopping else "val_loss",
        patience=trainer.early_stopping.patience if trainer.early_stopping else None,
    )


def run_all(experiments: Iterable[Experiment], workshop: Workshop) -> Iterator[Ended]:
    """Yield how each run ended, one run after the other; each has the result that it would have alone.

    A failure ends its own run, a signal all of them.
    """
    for experiment in experiments:
        yield run(experiment, workshop)
        if workshop.signals.received is not None:
            return


def repeated(experiment: Experiment, repeats: int) -> Iterator[Experiment]:
    """Yield the experiment so many times, with its seed and the seeds that follow."""
    group = uuid4().hex
    for number in range(repeats):
        repeat = Repeat(group, number + 1, repeats) if repeats > 1 else None
        yield replace(experiment, seed=experiment.seed + number, repeat=repeat)


def describe(experiment: Experiment, workshop: Workshop) -> str:
    """Return what a run would do: the resolved config, the data's shapes and the network's layers. Creates nothing."""
    splits = prepare(experiment, workshop, workshop.emit)
    lines = [to_yaml(experiment).rstrip(), ""]
    for name in ("train", "validation", "test"):
        lines.append(f"{name:<10}  {getattr(splits, name)}")
    lines += facts_of(splits)
    lines += [f"{'source':<10}  {source.kind}: {masked(str(source.path))}" for source in splits.sources]
    layers: list[str] = []
    model, _ = build(experiment, splits)
    model.summary(line_length=100, print_fn=layers.append)
    return "\n".join([*lines, "", *layers])
