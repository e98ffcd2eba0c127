"""What training needs of the run around it, and no more; training works without a run, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seqrun.machine.signals import StopSignals
from seqrun.rundir.history import Row

if TYPE_CHECKING:
    import numpy as np

    from seqrun.events.events import Emit


@dataclass(frozen=True)
class Session:
    """The run's seed, the follower of its events, and how to save its progress."""

    seed: int
    emit: Emit
    save_row: Callable[[Row], None] = lambda row: None  # after each epoch
    save_state: Callable[[int, Mapping[str, np.ndarray], Mapping[str, object]], None] = lambda epoch, arrays, scalars: (
        None
    )
    signals: StopSignals = field(default_factory=StopSignals)
