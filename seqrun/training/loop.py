"""The one training loop: epochs of compiled steps, validation, best weights, early stopping, LR reduction.

The loop only decides: what it computes is compiled in program.py, and its whole state is one value (state.py).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.session import Session
from seqrun.errors import DivergedError, InterruptedRun
from seqrun.events.events import Batch, Epoch, Warned
from seqrun.rundir.history import Row
from seqrun.training.gathering import Stretch, stretches
from seqrun.training.optimizers import learning_rate, set_learning_rate
from seqrun.training.plateau import best_epoch, reduces, stops
from seqrun.training.program import Program
from seqrun.training.state import LoopState, Shuffle

if TYPE_CHECKING:
    from seqrun.components.base import Trainer
    from seqrun.training.samples import AnySamples

REPORT_SECONDS = 0.25  # how long the compiled steps run between two looks at signals and the progress display

MEASURED_VALUES = 2**25  # training metrics are of an epoch's first (shuffled) samples: those with so many outputs

Measure = Callable[[Any, np.ndarray], Mapping[str, float]]  # (what the samples' `measured` gives, outputs) -> metrics


class Loop:
    """The training of one model.

    It learns from `samples`; `validation` selects the best epoch (None: the last epoch is taken). `measure` computes
    the metrics of the history from targets and outputs. `rates`, if given, are the learning rates of all epochs.
    """

    def __init__(
        self,
        program: Program,
        settings: Trainer,
        samples: AnySamples,
        validation: AnySamples | None,
        measure: Measure,
        session: Session,
        rates: Sequence[float] = (),
    ):
        self.program = program
        self.settings = settings
        self.samples = samples
        self.validation = validation
        self.measure = measure
        self.session = session
        self.rates = rates
        self.state = LoopState(Shuffle(len(samples), session.seed))
        self.stopping = settings.early_stopping and settings.directed(settings.early_stopping)
        self.reducing = settings.reduce_lr and settings.directed(settings.reduce_lr)
        self.monitor = (self.stopping.monitor, self.stopping.mode) if self.stopping else ("val_loss", "auto")
        self.chunk = 1  # steps in one compiled call, adapted to REPORT_SECONDS

    def run(self) -> LoopState:
        """Return the final state: all epochs done, or early stopping met; the model has the best epoch's weights.

        Raises DivergedError if a loss is not finite, InterruptedRun (after a checkpoint) if a signal came.
        """
        with self.session.signals.held():
            while self.state.epoch < self.settings.epochs and not self._stopped():
                self._epoch()
        if self.validation is None:
            return self.state
        if self.best_epoch:
            self.program.model.set_weights(self.state.best_weights)
        else:
            name = self.monitor[0]
            self.session.emit(Warned(f"{name} was undefined in every epoch: the last epoch's weights are kept"))
        return self.state

    @property
    def best_epoch(self) -> int:
        """The best epoch so far, counted from 1; 0 if the monitored metric was never a number."""
        return (
            best_epoch(self._values(self.monitor[0]), *self.monitor)
            if self.validation is not None
            else self.state.epoch
        )

    def _values(self, monitor: str) -> list[float]:
        return [row[monitor] for row in self.state.history]

    def _stopped(self) -> bool:
        stopping = self.stopping
        return bool(stopping and self.state.history and stops(self._values(stopping.monitor), stopping))

    def _epoch(self) -> None:
        started = time.perf_counter()
        if self.rates:
            set_learning_rate(self.program.optimizer, self.rates[self.state.epoch])
        rate = learning_rate(self.program.optimizer)
        loss, metrics, training_seconds = self._train_epoch()
        row: Row = {"epoch": self.state.epoch + 1, "loss": loss, **metrics}
        if self.validation is not None:
            row |= self._validate(self.validation)
        row["learning_rate"] = rate
        row["seconds"] = time.perf_counter() - started
        row["samples_per_second"] = self._epoch_samples() / training_seconds
        self._finish_epoch(row)

    def _validate(self, samples: AnySamples) -> Row:
        loss, outputs = self.program.evaluate(samples)
        self._check_finite(loss, "validation loss")
        metrics = self.measure(samples.measured(np.arange(len(samples))), outputs)
        return {"val_loss": loss, **{f"val_{name}": value for name, value in metrics.items()}}

    def _finish_epoch(self, row: Row) -> None:
        state = self.state
        state.history.append(row)
        state.order, state.step, state.loss, state.outputs = np.empty(0, np.int32), 0, 0.0, []
        best = self.best_epoch
        if best == state.epoch:
            state.best_weights = self.program.model.get_weights()
        reducing = self.reducing
        if reducing and not self.rates and reduces(self._values(reducing.monitor), reducing):
            reduced = max(row["learning_rate"] * reducing.factor, reducing.min_lr)
            set_learning_rate(self.program.optimizer, reduced)
        self.session.save_row(row)
        self._checkpoint()
        best_value = state.history[best - 1].get(self.monitor[0], math.nan) if best else math.nan
        self.session.emit(Epoch(row=row, best_epoch=best, best_value=best_value))
        if self.session.signals.received is not None:  # the checkpoint is written
            raise InterruptedRun(self.session.signals.received)

    def _steps(self) -> int:
        return self.settings.steps_per_epoch or math.ceil(len(self.samples) / self.settings.batch_size)

    def _epoch_samples(self) -> int:
        full = self._steps() * self.settings.batch_size
        return full if self.settings.steps_per_epoch else min(full, len(self.samples))

    def _train_epoch(self) -> tuple[float, Mapping[str, float], float]:
        """Take this epoch's remaining steps; return its mean loss, its training metrics, and the seconds taken."""
        state, steps = self.state, self._steps()
        if not len(state.order):
            state.order = self._order()
        started = time.perf_counter()
        for stretch in stretches(state.order, self.settings.batch_size, self.samples.buckets):
            while state.step < stretch.stop:
                self._train_chunk(stretch, steps, started)
        seconds = time.perf_counter() - started
        outputs = np.concatenate(state.outputs)
        metrics = self.measure(self.samples.measured(state.order[: len(outputs)]), outputs)
        return state.loss / len(state.order), metrics, seconds

    def _order(self) -> np.ndarray:
        """Return the numbers of a new epoch's samples, in the order of its batches."""
        shuffle, buckets = self.state.shuffle, self.samples.buckets
        order = shuffle.take(self._epoch_samples())
        return order if buckets is None else buckets.arranged(order, self.settings.batch_size, shuffle.generator)

    def _train_chunk(self, stretch: Stretch, steps: int, epoch_started: float) -> None:
        """Take some of a stretch's steps in one compiled call, then look at the loss, the clock and the signals."""
        state, batch_size = self.state, stretch.batch_size
        order, start, count = state.order, state.step, min(self.chunk, stretch.stop - state.step)
        if batch_size < self.settings.batch_size:  # the last, partial batch has a shape of its own
            order, start = order[-batch_size:], 0
        started = time.perf_counter()
        losses, outputs = self.program.train_steps(self.samples, order, start, count, batch_size, stretch.places)
        now = time.perf_counter()
        state.step += len(losses)
        for loss in losses.tolist():  # one after the other, so that the sum does not depend on the size of the chunk
            state.loss += loss * batch_size
        if sum(kept.size for kept in state.outputs) < MEASURED_VALUES:
            state.outputs.append(outputs)
        self._check_finite(losses[-1], f"loss at step {state.step}")
        if start:  # the first call of an epoch may hold the compilation
            self.chunk = max(1, min(2 * self.chunk, round(count * REPORT_SECONDS / (now - started))))
        done = min(state.step * self.settings.batch_size, len(state.order))
        rate = learning_rate(self.program.optimizer)
        speed = done / (now - epoch_started)
        self.session.emit(Batch(state.epoch + 1, state.step, steps, state.loss / done, speed, rate))
        self._stop_on_signal()

    def _check_finite(self, loss: float, what: str) -> None:
        if not math.isfinite(loss):
            raise DivergedError(f"the {what} of epoch {self.state.epoch + 1} is {loss}: the training diverged")

    def _stop_on_signal(self) -> None:
        if self.session.signals.received is not None:
            self._checkpoint()
            raise InterruptedRun(self.session.signals.received)

    def _checkpoint(self) -> None:
        arrays = self.state.arrays(self.program.model, self.program.optimizer)
        self.session.save_state(self.state.epoch, arrays, self.state.scalars())
