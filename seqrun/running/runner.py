"""One experiment to one run directory: data, model, training, results, each recorded as it comes."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.components.base import Locations
from seqrun.components.splits import Spec, Splits
from seqrun.config.experiment import to_yaml
from seqrun.errors import DivergedError, InterruptedRun, SeqrunError
from seqrun.events.events import Emit, Finished, Message, Started, Warned
from seqrun.events.lines import logged, logging_to
from seqrun.machine.device import threads_in_use
from seqrun.machine.signals import StopSignals
from seqrun.rundir.checkpoints import has_checkpoint, save_checkpoint
from seqrun.rundir.directory import RunDirectory, utc_now
from seqrun.rundir.environment import code_patch, environment
from seqrun.running.recording import parameter_counts, record_data, with_own_plugins, write_results

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


@dataclass
class Workshop:
    """What the runs of one command share: where they read and write, on what they compute, and the data loaded last."""

    runs_dir: Path
    data_dir: Path | None
    device: str  # in words
    argv: list[str]
    emit: Emit
    signals: StopSignals
    cache: Path | None = None  # the folder where prepared data are kept; None: nowhere
    loaded: tuple[tuple[type, str], Splits] | None = field(default=None, repr=False)

    def load(self, experiment: Experiment, emit: Emit) -> Splits:
        """The experiment's data; repeats, which share them, load them once."""
        key = (type(experiment.dataset), experiment.dataset.model_dump_json())  # two plugins may bear one name
        if self.loaded is not None and self.loaded[0] == key:
            emit(Message(f"{experiment.dataset.name}: as loaded for the run before"))
            return self.loaded[1]
        self.loaded = None  # frees the last one's memory first
        self.loaded = (key, experiment.dataset.load(Locations(self.data_dir, emit, self.cache)))
        return self.loaded[1]


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    path: str  # of the run directory, as `shown`
    exit_code: int
    error: BaseException | None = None


def run(experiment: Experiment, workshop: Workshop) -> Ended:
    """Trains the experiment in a new run directory and says how that ended; what goes wrong is recorded, not raised.

    Raises UsageError if the run directory cannot be made.
    """
    with RunDirectory.create(workshop.runs_dir, experiment.name) as directory:
        emit = logged(workshop.emit, directory.log)
        started = time.perf_counter()
        try:
            with logging_to(emit):
                finished = _train(experiment, workshop, directory, emit)
        except BaseException as error:
            return _failed(directory, error, emit, time.perf_counter() - started)
        directory.update(status="finished", finished=utc_now(), seconds=finished.seconds)
        emit(finished)
        return Ended(shown(directory.path), 0)


def _train(experiment: Experiment, workshop: Workshop, directory: RunDirectory, emit: Emit) -> Finished:
    from seqrun.architectures.layers.fast.compiled import step_compiled  # here: they import TensorFlow
    from seqrun.architectures.layers.fast.fused import paths

    timer = Timer()
    directory.update(status="running")
    experiment = with_own_plugins(experiment, directory.path)
    _record_start(directory, experiment, workshop)
    with timer("data"):
        splits = workshop.load(experiment, emit)
    record_data(directory, experiment, splits)
    for warning in splits.warnings:
        emit(Warned(warning))
    with timer("build"):
        splits = replace(splits, spec=experiment.architecture.accept(splits.spec))
        model = build_model(experiment, splits.spec)
    directory.update(parameters=parameter_counts(model), warnings=list(splits.warnings))
    emit(_started(experiment, splits, model, directory, workshop.device))
    with timer("fit"):
        outcome = experiment.trainer.fit(model, splits, _session(experiment, directory, emit, workshop.signals))
    directory.update(recurrent_layers=paths(model), step_compiled=step_compiled(model))
    with timer("results"):
        write_results(directory, outcome, model)
    for warning in outcome.warnings:
        emit(Warned(warning))
    directory.update(warnings=[*splits.warnings, *outcome.warnings], durations=timer.seconds)
    return Finished(
        run=shown(directory.path),
        status="finished",
        best_epoch=outcome.best_epoch,
        metrics=dict(outcome.metrics["test"]),
        baselines={name: dict(metrics) for name, metrics in outcome.baselines.items()},
        skill=outcome.skill,
        seconds=timer.total(),
    )


def _record_start(directory: RunDirectory, experiment: Experiment, workshop: Workshop) -> None:
    """What the run is made with."""
    directory.update(
        name=experiment.name,
        started=utc_now(),
        seed=experiment.seed,
        argv=workshop.argv,
        device=workshop.device,
        threads=threads_in_use(),
        config=experiment.resolved(),
    )
    directory.update(**environment())
    directory.write_text("config.yaml", to_yaml(experiment))
    if patch := code_patch():
        directory.write_text("code.patch", patch)


def _failed(directory: RunDirectory, error: BaseException, emit: Emit, seconds: float) -> Ended:
    """Records what ended the run; an error that is seqrun's own or a library's leaves its traceback in the log."""
    if isinstance(error, KeyboardInterrupt):
        error = InterruptedRun(2)
    known = isinstance(error, (SeqrunError, InterruptedRun))
    if not known:
        directory.log("".join(traceback.format_exception(error)).rstrip())
    status = "failed"
    if isinstance(error, InterruptedRun):
        status = "interrupted"
    elif isinstance(error, DivergedError):
        status = "diverged"
    text = str(error) if known else _in_words(error)
    directory.update(status=status, finished=utc_now(), seconds=seconds, error=text)
    kept = has_checkpoint(directory.path)
    emit(Finished(run=shown(directory.path), status=status, seconds=seconds, error=text, checkpoint=kept))
    return Ended(shown(directory.path), error.exit_code if known else 1, error)


def _in_words(error: BaseException) -> str:
    """The error in one line; the system's own (a full disk, no permission) with the file, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else f"{type(error).__name__}: {error.strerror}"
    return f"{type(error).__name__}: {error}"


def build_model(experiment: Experiment, spec: Spec) -> keras.Model:
    """The experiment's network with its first weights, which the seed decides, whatever this process did before."""
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(experiment.seed)
    keras.config.set_dtype_policy(experiment.trainer.precision)
    try:
        return experiment.architecture.build(spec)
    finally:
        keras.config.set_dtype_policy("float32")


def _session(experiment: Experiment, directory: RunDirectory, emit: Emit, signals: StopSignals):
    from seqrun.components.session import Session

    return Session(
        seed=experiment.seed,
        emit=emit,
        save_row=directory.add_epoch,
        save_state=lambda step, arrays, scalars: save_checkpoint(directory.path, step, arrays, scalars),
        signals=signals,
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


def shown(path: Path) -> str:
    """The path as a person would write it: relative where it lies below the current directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


class Timer:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[phase] = time.perf_counter() - started

    def total(self) -> float:
        return time.perf_counter() - self._started


def run_all(experiments: Iterable[Experiment], workshop: Workshop) -> Iterator[Ended]:
    """Runs one after the other, each with the result it would have alone; a failure ends its run, a signal all."""
    for experiment in experiments:
        yield run(experiment, workshop)
        if workshop.signals.received is not None:
            return


def repeated(experiment: Experiment, repeats: int) -> list[Experiment]:
    """The experiment with its seed and the ones that follow."""
    return [replace(experiment, seed=experiment.seed + number) for number in range(repeats)]


def describe(experiment: Experiment, workshop: Workshop) -> str:
    """What a run would do: the resolved config, the shapes of the data and the network's layers. Creates nothing."""
    splits = workshop.load(experiment, workshop.emit)
    for warning in splits.warnings:
        workshop.emit(Warned(warning))
    lines = [to_yaml(experiment).rstrip(), ""]
    for name in ("train", "validation", "test"):
        lines.append(f"{name:<10}  {getattr(splits, name)}")
    lines += [f"{'source':<10}  {source.kind}: {source.path}" for source in splits.sources]
    layers: list[str] = []
    build_model(experiment, experiment.architecture.accept(splits.spec)).summary(
        line_length=100, print_fn=layers.append
    )
    return "\n".join([*lines, "", *layers])
