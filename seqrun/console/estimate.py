"""How long an epoch and a run will still take, estimated from their events. Times are seconds of one clock."""

from __future__ import annotations

from statistics import median

from seqrun.events.events import Batch, Epoch, Started

RECENT = 5  # epochs that the next one's duration is judged by


class Estimate:
    """Follows the events of one run. One thread may ask while another reports events."""

    def __init__(self, run: Started, now: float):
        self.run = run
        self.started = now
        self.batch: Batch | None = None  # the latest of the running epoch; None between epochs
        self.last: Epoch | None = None
        self._first: tuple[int, float] | None = None  # the running epoch's first report: its step and time
        self._latest = self._epoch_began = now
        self._seconds: list[float] = []

    def batch_done(self, event: Batch, now: float) -> None:
        if self._first is None:
            self._first = (event.step, now)
        self.batch, self._latest = event, now

    def epoch_done(self, event: Epoch, now: float) -> None:
        self._seconds.append(event.row["seconds"])
        self.last, self.batch, self._first, self._latest = event, None, None, now
        self._epoch_began = now

    @property
    def finished(self) -> int:
        """Return how many epochs are done, counting those before a resumption."""
        batch, last = self.batch, self.last
        if last is not None:
            return last.number
        return batch.epoch - 1 if batch is not None else 0

    @property
    def stops_after(self) -> int | None:
        """Return the epoch after which early stopping ends the run if nothing improves; None without early stopping."""
        last, patience = self.last, self.run.patience
        if patience is None or last is None or not last.best_epoch:
            return None
        return min(self.run.epochs, last.best_epoch + max(1, patience))

    def epoch_left(self, now: float) -> float | None:
        """Return the seconds until the running epoch ends; None while there is nothing to judge by."""
        batch, first = self.batch, self._first
        if batch is None or first is None or batch.phase != "training":
            return None
        if self._seconds:
            return max(0.0, self._typical() - (now - self._epoch_began))
        step, since = first  # the compilation came before it
        if batch.step == step:
            return None
        pace = (self._latest - since) / (batch.step - step)
        return max(0.0, (batch.steps - batch.step) * pace - (now - self._latest))

    def until(self, epoch: int, now: float) -> float | None:
        """Return the seconds until that epoch ends, if the run gets so far; None while there is nothing to judge by."""
        left = self.epoch_left(now)
        if self._seconds:
            spent = 0.0 if left is None else self._typical() - left
            return max(0.0, (epoch - self.finished) * self._typical() - spent)
        if left is None:
            return None
        return left + (epoch - self.finished - 1) * (now - self._epoch_began + left)

    def _typical(self) -> float:
        """Return the seconds of a typical epoch; the first, which includes compilation, is used only if there is no
        other.
        """
        return median((self._seconds[1:] or self._seconds)[-RECENT:])
