"""Ctrl-C and SIGTERM: the run stops at once where nothing is lost, else after a checkpoint."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from seqrun.errors import InterruptedRun

STOPPING = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Turns the first signal into InterruptedRun; while held, it only remembers the first, and the second
    interrupts.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._holding = False

    @contextmanager
    def installed(self) -> Iterator[StopSignals]:
        """Catch the signals inside the block; main thread only."""
        previous = {number: signal.signal(number, self._handle) for number in STOPPING}
        try:
            yield self
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only remember a first signal inside the block; the code there checks `received` and stops in good order."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self.received is not None:  # it came after the last look
            raise InterruptedRun(self.received)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again = self.received is not None
        self.received = number
        if again or not self._holding:
            raise InterruptedRun(number)
