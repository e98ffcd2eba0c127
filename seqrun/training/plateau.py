"""Which epoch is the best, when training stops, when the learning rate falls: functions of the history alone.

They agree with Keras' EarlyStopping and ReduceLROnPlateau, but keep no state: so a resumed run decides as the
uninterrupted one would have. They differ in two things. A value that is undefined (nan) never counts as the best; Keras
keeps one that comes first as the best, and then sees no improvement ever. And the best epoch is the one with the best
value of all; with `restore_best_weights`, Keras' is the last one that improved by more than `min_delta`, none before
`start_from_epoch`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqrun.metrics import direction

if TYPE_CHECKING:
    from seqrun.components.base import Trainer
    from seqrun.components.options import EarlyStopping, Mode, ReduceLR


def _signed(values: Sequence[float], monitor: str, mode: Mode) -> list[float]:
    """Return the values such that smaller is better; an undefined one (nan) becomes infinite: never better."""
    sign = -1.0 if (direction(monitor) if mode == "auto" else mode) == "max" else 1.0
    return [math.inf if math.isnan(value) else sign * value for value in values]


def best_epoch(values: Sequence[float], monitor: str, mode: Mode = "auto") -> int:
    """Return the epoch, counted from 1, with the best value, the first of equal ones; 0 if no value is a number.

    `min_delta` and `start_from_epoch` have no say in it: they decide when training stops, not which weights are kept.
    """
    signed = _signed(values, monitor, mode)
    best = min(signed, default=math.inf)
    return signed.index(best) + 1 if best < math.inf else 0


def watched_by(trainer: Trainer) -> tuple[str, Mode]:
    """Return the column of the history by which the trainer judges epochs, and which way it is better."""
    stopping = trainer.early_stopping and trainer.directed(trainer.early_stopping)
    return (stopping.monitor, stopping.mode) if stopping else ("val_loss", "auto")


def stops(values: Sequence[float], options: EarlyStopping) -> bool:
    """Return whether training ends after the last epoch, given the monitored value of each epoch so far."""
    best, wait = math.inf, 0
    for epoch, value in enumerate(_signed(values, options.monitor, options.mode)):
        if epoch < options.start_from_epoch:
            continue
        wait += 1
        if value + options.min_delta < best:
            best, wait = value, 0
    return wait > 0 and wait >= options.patience and len(values) > 1


def reduces(values: Sequence[float], options: ReduceLR) -> bool:
    """Return whether the learning rate is reduced after the last epoch, given the monitored values so far."""
    best, wait, cooldown, reduced = math.inf, 0, 0, False
    for value in _signed(values, options.monitor, options.mode):
        reduced = False
        if cooldown > 0:
            cooldown -= 1
            wait = 0
        if value + options.min_delta < best:
            best, wait = value, 0
        elif cooldown == 0:
            wait += 1
            if wait >= options.patience:
                reduced, wait, cooldown = True, 0, options.cooldown
    return reduced
