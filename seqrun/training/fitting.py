"""What every trainer does with a new model: train it, select the best epoch, refit if asked; and measure it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.session import Session
from seqrun.events.events import Batch, Message, Warned
from seqrun.rundir.history import Row
from seqrun.training.gathering import normalisation_warning, read_any_length
from seqrun.training.loop import Loop, Measure
from seqrun.training.optimizers import build_optimizer
from seqrun.training.program import Keep, Loss, Program, outputs_alone
from seqrun.training.samples import Samples, WindowSamples
from seqrun.training.widths import Buckets, choose_widths, measure_lengths

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Trainer
    from seqrun.components.splits import Split, Splits, Windows

    AnySplit = Split | Windows
    AnySamples = Samples | WindowSamples


@dataclass(frozen=True)
class Task:
    """What one trainer makes of the one loop."""

    loss: Callable[[], Loss]
    samples: Callable[[AnySplit], AnySamples]
    measure: Measure  # the metrics of the history and of each split
    training_samples: Callable[[AnySplit], AnySamples] | None = None  # if they differ, by weights for instance
    keep: Keep = outputs_alone  # what metrics need of a batch
    evaluation: Callable[[Program, AnySplit], Evaluation] | None = None  # if results are more than one pass

    def program(self, model: keras.Model, trainer: Trainer) -> Program:
        """The model, compiled anew, with a fresh optimizer."""
        return Program(model, self.loss(), build_optimizer(trainer), self.keep)

    def evaluate(self, program: Program, split: AnySplit) -> Evaluation:
        """Loss, outputs and metrics on a whole split."""
        if self.evaluation is not None:
            return self.evaluation(program, split)
        samples = self.samples(split)
        loss, outputs = program.evaluate(samples)
        metrics = self.measure(samples.measured(np.arange(len(samples))), outputs)
        return Evaluation(loss, outputs, {"loss": loss, **metrics})

    def training(self, split: AnySplit) -> AnySamples:
        """The samples to learn from."""
        return (self.training_samples or self.samples)(split)

    def in_buckets(self, widths: tuple[int, ...]) -> Task:
        """The same task on samples in batches of these widths."""

        def bucketed(make: Callable[[AnySplit], Samples]) -> Callable[[AnySplit], Samples]:
            return lambda split: replace(make(split), buckets=Buckets.of(split.inputs, widths))

        return replace(self, samples=bucketed(self.samples), training_samples=bucketed(self.training))


@dataclass(frozen=True)
class Evaluation:
    """One pass over a split."""

    loss: float
    outputs: np.ndarray  # (samples, ...) what the task keeps
    metrics: Mapping[str, float]  # with the loss


@dataclass(frozen=True)
class Fitted:
    """A trained model and how it came about; after a refit the program is the refitted model's."""

    task: Task  # with the batches that it was trained in
    program: Program
    initial: list[np.ndarray]  # the model's variables before training
    history: list[Row]
    best_epoch: int
    validation: Evaluation  # of the best epoch, before a refit

    def evaluate(self, split: AnySplit) -> Evaluation:
        """Loss, outputs and metrics of the trained model on a split that it has not seen."""
        return self.task.evaluate(self.program, split)

    def metrics(self, names: Iterable[str], test: Evaluation) -> dict[str, dict[str, float]]:
        """By split: train's are the history's at the best epoch."""
        row = self.history[self.best_epoch - 1]
        return {
            "train": {name: row[name] for name in ("loss", *names)},
            "validation": dict(self.validation.metrics),
            "test": dict(test.metrics),
        }


def fit(trainer: Trainer, model: keras.Model, splits: Splits, task: Task, session: Session) -> Fitted:
    """Train with the validation split as judge; the test split is left to whoever measures."""
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
        program = train_again(trainer, model, initial, task, both, history[:best], session, "refit")
    return Fitted(task, program, initial, history, best, validated)


def _in_buckets(task: Task, trainer: Trainer, model: keras.Model, splits: Splits, session: Session) -> Task:
    """The task in batches of a few widths, which the training samples decide; the network then reads samples of any."""
    lengths, _ = measure_lengths(splits.train.inputs)
    widths = choose_widths(lengths, splits.spec.input_shape[0], trainer.batch_size, splits.spec.shortest)
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


def train_again(
    trainer: Trainer,
    model: keras.Model,
    initial: list[np.ndarray],
    task: Task,
    split: AnySplit,
    history: list[Row],
    session: Session,
    phase: str,
) -> Program:
    """Trains the model anew from its first variables, on other samples, with the epochs and rates of `history`."""
    for variable, value in zip(model.variables, initial, strict=True):
        variable.assign(value)
    rates = () if trainer.scheduled else [row["learning_rate"] for row in history]
    settings = trainer.model_copy(update={"epochs": len(history), "early_stopping": None, "reduce_lr": None})
    quiet = Session(
        session.seed,
        emit=lambda event: session.emit(replace(event, phase=phase)) if isinstance(event, Batch) else None,
        signals=session.signals,
    )
    program = task.program(model, trainer)
    Loop(program, settings, task.training(split), None, task.measure, quiet, rates).run()
    return program
