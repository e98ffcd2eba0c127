"""The one training loop: epochs of compiled steps, validation, best weights, early stopping, LR reduction.

The loop only decides: what it computes is compiled in program.py, and its whole state is one value (state.py).
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.session import TRAINING, Session
from seqrun.errors import UsageError
from seqrun.events.events import Batch, Epoch, Message, Warned
from seqrun.readable import counted
from seqrun.rundir.history import Row
from seqrun.training.diverged import diverged
from seqrun.training.gathering import Stretch, stretches
from seqrun.training.optimizers import learning_rate, set_learning_rate
from seqrun.training.plateau import best_epoch, reduces, stops, watched_by
from seqrun.training.program import Program
from seqrun.training.state import LoopState, Shuffle

if TYPE_CHECKING:
    from seqrun.components.base import Trainer
    from seqrun.training.samples import AnySamples

REPORT_SECONDS = 0.25  # how long the compiled steps run between two looks at signals and the progress display

MEASURED_VALUES = 2**25  # training metrics are of an epoch's first (shuffled) samples: those with so many outputs

SAVE_SECONDS = 1.0  # epochs that end sooner after the last checkpoint have none of their own: writing it takes longer

LAST_LOSSES = 3  # finite ones, told when the next is not

Measure = Callable[[Any, np.ndarray], Mapping[str, float]]  # (what the samples' `measured` gives, outputs) -> metrics


class Loop:
    """The training of one model.

    It learns from `samples`; `validation` selects the best epoch (None: the last epoch is taken). `measure` computes
    the metrics of the history from targets and outputs. `rates`, if given, are the learning rates of all epochs.
    `stage` names this training among those of the run: what the session has saved of it is gone on from.
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
        stage: str = TRAINING,
    ):
        self.program = program
        self.settings = settings
        self.samples = samples
        self.validation = validation
        self.measure = measure
        self.session = session
        self.rates = rates
        self.stage = stage
        self.state = LoopState(Shuffle(len(samples), session.seed))
        self.stopping = settings.early_stopping and settings.directed(settings.early_stopping)
        self.reducing = settings.reduce_lr and settings.directed(settings.reduce_lr)
        self.monitor = watched_by(settings)
        self.chunk = 1  # steps in one compiled call, adapted to REPORT_SECONDS
        self.losses: deque[float] = deque(maxlen=LAST_LOSSES)  # the last finite ones
        self.epoch_began = self.saved_at = time.perf_counter()

    def run(self) -> LoopState:
        """Return the final state: all epochs done, or early stopping met; the model has the best epoch's weights.

        Raises DivergedError if a loss is not finite, InterruptedRun (after a checkpoint) if a signal came, and
        UsageError if what the session has saved does not fit this network.
        """
        self._go_on()
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

    def _go_on(self) -> None:
        """Go back to the last checkpoint of this stage, if there is one."""
        saved, carried = self.session.progress.saved(self.stage), self.session.carried
        if saved is None:
            return
        try:
            self.state.restore(saved, self.program.model, self.program.optimizer)
            for name, value in saved.scalars["carried"].items():
                carried[name].set_state(value)
        except (KeyError, TypeError, ValueError) as error:
            told = f"the checkpoint of the stage {self.stage} does not fit this network, optimizer or plugin: {error}"
            raise UsageError(f"{told}; was the code changed since?") from error
        state = self.state
        within = f" and {state.step:,} of {self._steps():,} steps" if state.step else ""
        self.session.emit(Message(f"{self.stage}: goes on after {counted(state.epoch, 'epoch')}{within}"))

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
        self.epoch_began = time.perf_counter() - self.state.seconds  # of an epoch gone on with: as if never interrupted
        if not len(self.state.order):
            self._begin_epoch()
        loss, metrics, training_seconds = self._train_epoch()
        row: Row = {"epoch": self.state.epoch + 1, "loss": loss, **metrics}
        if self.validation is not None:
            row |= self._validate(self.validation)
        row["learning_rate"] = self.state.rate
        row["seconds"] = time.perf_counter() - self.epoch_began
        row["samples_per_second"] = self._epoch_samples() / training_seconds
        self._finish_epoch(row)

    def _begin_epoch(self) -> None:
        if self.rates:
            set_learning_rate(self.program.optimizer, self.rates[self.state.epoch])
        self.state.rate = learning_rate(self.program.optimizer)
        self.state.order = self._order()

    def _validate(self, samples: AnySamples) -> Row:
        loss, outputs = self.program.evaluate(samples)
        if not math.isfinite(loss):
            raise diverged(self.state, f"validation loss of epoch {self.state.epoch + 1}", loss, self.losses)
        metrics = self.measure(samples.measured(np.arange(len(samples))), outputs)
        return {"val_loss": loss, **{f"val_{name}": value for name, value in metrics.items()}}

    def _finish_epoch(self, row: Row) -> None:
        state = self.state
        state.end_epoch(row, self.program.model, self.program.optimizer)
        best = self.best_epoch
        if best == state.epoch:
            state.best_weights = self.program.model.get_weights()
        reducing = self.reducing
        if reducing and not self.rates and reduces(self._values(reducing.monitor), reducing):
            reduced = max(row["learning_rate"] * reducing.factor, reducing.min_lr)
            set_learning_rate(self.program.optimizer, reduced)
        self.session.save_row(row)
        self.session.progress.reached(self.stage, state.hashes, state.best_weights)
        self._checkpoint_epoch()
        best_value = state.history[best - 1].get(self.monitor[0], math.nan) if best else math.nan
        self.session.emit(Epoch(row=row, best_epoch=best, best_value=best_value))
        self.session.signals.check()  # the checkpoint is written

    def _checkpoint_epoch(self) -> None:
        """Save the state between two epochs, if that was not done just now and there is more to come."""
        ends = self.state.epoch == self.settings.epochs or self._stopped() or self.session.signals.received is not None
        if ends or self.settings.checkpoint.keep == "all" or time.perf_counter() - self.saved_at > SAVE_SECONDS:
            self._checkpoint()

    def _steps(self) -> int:
        return self.settings.steps_per_epoch or math.ceil(len(self.samples) / self.settings.batch_size)

    def _epoch_samples(self) -> int:
        full = self._steps() * self.settings.batch_size
        return full if self.settings.steps_per_epoch else min(full, len(self.samples))

    def _train_epoch(self) -> tuple[float, Mapping[str, float], float]:
        """Take this epoch's remaining steps; return its mean loss, its training metrics, and the seconds taken."""
        state, steps = self.state, self._steps()
        for stretch in stretches(state.order, self.settings.batch_size, self.samples.buckets):
            while state.step < stretch.stop:
                self._train_chunk(stretch, steps)
        seconds = time.perf_counter() - self.epoch_began
        outputs = np.concatenate(state.outputs)
        metrics = self.measure(self.samples.measured(state.order[: len(outputs)]), outputs)
        return state.loss / len(state.order), metrics, seconds

    def _order(self) -> np.ndarray:
        """Return the numbers of a new epoch's samples, in the order of its batches."""
        shuffle, buckets = self.state.shuffle, self.samples.buckets
        order = shuffle.take(self._epoch_samples())
        return order if buckets is None else buckets.arranged(order, self.settings.batch_size, shuffle.generator)

    def _train_chunk(self, stretch: Stretch, steps: int) -> None:
        """Take some of a stretch's steps in one compiled call, then look at the loss, the clock and the signals."""
        state, batch_size = self.state, stretch.batch_size
        order, start, count = state.order, state.step, min(self.chunk, stretch.stop - state.step)
        if batch_size < self.settings.batch_size:  # the last, partial batch has a shape of its own
            order, start = order[-batch_size:], 0
        self.session.signals.doing = "this stretch of steps" if start else "the compilation"
        started = time.perf_counter()
        losses, outputs = self.program.train_steps(self.samples, order, start, count, batch_size, stretch.places)
        now = time.perf_counter()
        state.step += len(losses)
        for loss in losses.tolist():  # one after the other, so that the sum does not depend on the size of the chunk
            state.loss += loss * batch_size
            if not math.isfinite(loss):
                raise diverged(state, f"loss at step {state.step} of epoch {state.epoch + 1}", loss, self.losses)
            self.losses.append(loss)
        self._keep(outputs)
        if start:  # the first call of an epoch may hold the compilation
            self.chunk = max(1, min(2 * self.chunk, round(count * REPORT_SECONDS / (now - started))))
        done = min(state.step * self.settings.batch_size, len(state.order))
        rate = learning_rate(self.program.optimizer)
        speed = done / (now - self.epoch_began)
        self.session.emit(Batch(state.epoch + 1, state.step, steps, state.loss / done, speed, rate))
        self._save_or_stop()

    def _keep(self, outputs: np.ndarray) -> None:
        """Keep the outputs of an epoch's first samples, so many that they have MEASURED_VALUES, for its metrics."""
        kept = sum(map(len, self.state.outputs))
        most = -(-MEASURED_VALUES // max(1, math.prod(outputs.shape[1:])))
        if kept < most:
            self.state.outputs.append(outputs[: most - kept])

    def _save_or_stop(self) -> None:
        """Save what is done of the epoch if the last checkpoint is old, or a signal came; then stop."""
        signals = self.session.signals
        old = time.perf_counter() - self.saved_at > 60 * self.settings.checkpoint.minutes
        if old or signals.received is not None:
            self._checkpoint()
        signals.check()

    def _checkpoint(self) -> None:
        state = self.state
        state.seconds = time.perf_counter() - self.epoch_began if len(state.order) else 0.0
        arrays = state.arrays(self.program.model, self.program.optimizer)
        carried = {name: each.state() for name, each in self.session.carried.items()}
        self.session.progress.save(self.stage, state.epoch, arrays, {**state.scalars(), "carried": carried})
        self.saved_at = time.perf_counter()
