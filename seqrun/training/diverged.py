"""What a training that diverged tells: where, what the losses were before, and what usually helps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seqrun.errors import DivergedError
from seqrun.readable import figure

if TYPE_CHECKING:
    from seqrun.training.state import LoopState

HELP = (
    "what usually helps: a lower learning rate (trainer.optimizer.learning_rate, a tenth of it), or gradients that are "
    "cut (trainer.optimizer.global_clipnorm: 1.0)"
)


def diverged(state: LoopState, what: str, value: float, losses: Iterable[float]) -> DivergedError:
    """Return the error of a loss `what` that is not finite; `losses` are the finite ones of the steps before it."""
    steps, epochs = ", ".join(map(figure, losses)), ", ".join(figure(row["loss"]) for row in state.history[-3:])
    before = [*([f"steps before: {steps}"] if steps else []), *([f"epochs before: {epochs}"] if epochs else [])]
    told = f" (loss of the {'; of the '.join(before)})" if before else ""
    return DivergedError(f"the {what} is {value}: the training diverged{told}; {HELP}")
