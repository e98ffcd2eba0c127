"""What every trainer does with a new model: train it, select the best epoch, refit if asked; and measure it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic

import numpy as np
from typing_extensions import TypeVar  # the standard library's has no default before Python 3.13

from seqrun.components.session import Session
from seqrun.components.splits import Split, Splits, Windows
from seqrun.events.events import Batch, Event, Message, Warned
from seqrun.rundir.history import Row
from seqrun.training.gathering import normalisation_warning, read_any_length
from seqrun.training.loop import Loop, Measure
from seqrun.training.optimizers import build_optimizer
from seqrun.training.program import Keep, Loss, Program, outputs_alone
from seqrun.training.samples import AnySamples, Samples
from seqrun.training.widths import Buckets, choose_widths, measure_lengths

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Trainer

S = TypeVar("S", Split, Windows, default=Split)  # what the samples of a split are stored as


@dataclass(frozen=True)
class Task(Generic[S]):
    """What a trainer gives the training loop: its loss, its samples and its metrics."""

    loss: Callable[[], Loss]
    samples: Callable[[S], AnySamples]
    measure: Measure  # the metrics of the history and of each split
    training_samples: Callable[[S], AnySamples] | None = None  # to learn from, where they differ, as by their weights
    keep: Keep = outputs_alone  # what `measure` needs of a batch
    evaluation: Callable[[Program, S], Evaluation] | None = None  # where one pass and `measure` are not enough

    def program(self, model: keras.Model, trainer: Trainer) -> Program:
        """Return the model, compiled anew, with a fresh optimizer."""
        return Program(model, self.loss(), build_optimizer(trainer), self.keep)

    def evaluate(self, program: Program, split: S) -> Evaluation:
        """Return loss, outputs and metrics on a whole split."""
        if self.evaluation is not None:
            return self.evaluation(program, split)
        samples = self.samples(split)
        loss, outputs = program.evaluate(samples)
        metrics = self.measure(samples.measured(np.arange(len(samples))), outputs)
        return Evaluation(loss, outputs, {"loss": loss, **metrics})

    def training(self, split: S) -> AnySamples:
        """Return the samples to learn from."""
        return (self.training_samples or self.samples)(split)

    def in_buckets(self, widths: tuple[int, ...]) -> Task[S]:
        """Return the same task, its batches padded to these widths (steps); TypeError if samples are no `Samples`."""

        def bucketed(make: Callable[[S], AnySamples]) -> Callable[[S], AnySamples]:
            return lambda split: _bucketed(make(split), widths)

        return replace(self, samples=bucketed(self.samples), training_samples=bucketed(self.training))


def _bucketed(samples: AnySamples, widths: tuple[int, ...]) -> Samples:
    if not isinstance(samples, Samples):
        raise TypeError(f"only Samples have batches of several widths, not {type(samples).__name__}")
    return replace(samples, buckets=Buckets.of(samples.inputs, widths))


@dataclass(frozen=True)
class Evaluation:
    """What a model is worth on a split."""

    loss: float
    outputs: np.ndarray  # (samples, ...) what the task keeps of each sample
    metrics: Mapping[str, float]  # with the loss


@dataclass(frozen=True)
class Fitted(Generic[S]):
    """A trained model and the training's record."""

    task: Task[S]  # with `buckets`, if it was trained in batches of several widths
    program: Program  # of the refitted model, if there was a refit
    initial: list[np.ndarray]  # the model's variables before training
    history: list[Row]
    best_epoch: int
    validation: Evaluation  # of the best epoch, before a refit

    def evaluate(self, split: S) -> Evaluation:
        """Return loss, outputs and metrics of the trained model on a split that it has not seen."""
        return self.task.evaluate(self.program, split)

    def metrics(self, names: Iterable[str], test: Mapping[str, float]) -> dict[str, dict[str, float]]:
        """Return the metrics of each split, by its name; those of train are the history's at the best epoch."""
        row = self.history[self.best_epoch - 1]
        return {
            "train": {name: row[name] for name in ("loss", *names)},
            "validation": dict(self.validation.metrics),
            "test": dict(test),
        }


def fit(trainer: Trainer, model: keras.Model, splits: Splits[S], task: Task[S], session: Session) -> Fitted[S]:
    """Return the model trained, with the weights of its best epoch on the validation split; test is not looked at."""
    if trainer.batching == "bucketed":
        task = _in_buckets(task, trainer, model, splits, session)
    initial = [variable.numpy() for variable in model.variables]
    program = task.program(model, trainer)
    validation = task.samples(splits.validation)
    loop = Loop(program, trainer, task.training(splits.train), validation, task.measure, session)
    history = loop.run().history
    best = loop.best_epoch or len(history)
    validated = task.evaluate(program, splits.validation)
    if trainer.refit:
        both = splits.train.joined(splits.validation)
        told = f"refit: training anew on {len(both):,} samples (training + validation) for {best} epochs"
        session.emit(Message(told))
        program = train_again(trainer, model, initial, task, both, history[:best], session, "refit", "refit")
    return Fitted(task, program, initial, history, best, validated)


def _in_buckets(task: Task[S], trainer: Trainer, model: keras.Model, splits: Splits[S], session: Session) -> Task[S]:
    """Return the task in batches of a few widths, which fit the training samples; the network then reads any length."""
    widths = _widths(trainer, splits)
    *shorter, longest = map(str, widths)
    if not shorter:
        why = f"the training samples are all about {longest} steps long, or too few for batches of several lengths"
        session.emit(Warned(f"trainer.batching: bucketed changes nothing: {why}"))
        return task
    if warning := normalisation_warning(model):
        session.emit(Warned(warning))
    read_any_length(model)
    session.emit(Message(f"batches are padded to {', '.join(shorter)} or {longest} steps"))
    return task.in_buckets(widths)


def _widths(trainer: Trainer, splits: Splits[S]) -> tuple[int, ...]:
    """Return the widths of batches that fit the training samples, the narrowest first."""
    if not isinstance(splits.train, Split):
        raise TypeError(f"only a Split has samples of several lengths, not {type(splits.train).__name__}")
    lengths, _ = measure_lengths(splits.train.inputs)
    return choose_widths(lengths, splits.spec.input_shape[0], trainer.batch_size, splits.spec.shortest)


def evaluated(
    trainer: Trainer, model: keras.Model, task: Task[S], samples: S, splits: Splits[S] | None = None
) -> Evaluation:
    """Return loss, outputs and metrics of a trained model, as `Fitted.evaluate` does where it was trained.

    With the run's own `splits` its batches are those of training to the last digit, also where they are bucketed.
    """
    if trainer.batching == "bucketed" and splits is not None and len(widths := _widths(trainer, splits)) > 1:
        read_any_length(model)
        task = task.in_buckets(widths)
    return task.evaluate(task.program(model, trainer), samples)


def train_again(
    trainer: Trainer,
    model: keras.Model,
    initial: list[np.ndarray],
    task: Task[S],
    split: S,
    history: list[Row],
    session: Session,
    phase: str,
    stage: str,
) -> Program:
    """Return the model trained anew on a split, from its `initial` variables, by the epochs and rates of `history`.

    `phase` is what its progress is shown as, `stage` under which its checkpoints are kept.
    """
    for variable, value in zip(model.variables, initial, strict=True):
        variable.assign(value)
    rates = () if trainer.scheduled else [row["learning_rate"] for row in history]
    settings = trainer.model_copy(update={"epochs": len(history), "early_stopping": None, "reduce_lr": None})

    def emit(event: Event) -> None:
        if isinstance(event, (Batch, Message)):
            session.emit(replace(event, phase=phase) if isinstance(event, Batch) else event)

    quiet = replace(session, emit=emit, save_row=lambda row: None)
    program = task.program(model, trainer)
    Loop(program, settings, task.training(split), None, task.measure, quiet, rates, stage).run()
    return program
