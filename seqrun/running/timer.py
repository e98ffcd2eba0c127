"""The clock of a run: how long each phase has taken, and all of it, as if it had never been interrupted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seqrun.rundir.directory import utc_now


class Timer:
    """The seconds that each phase takes, measured by `with timer("fit"): ...`."""

    def __init__(self) -> None:
        self.begun = utc_now()
        self.seconds: dict[str, float] = {}  # of the phases that are done
        self._phase_began = 0.0  # by `total`
        self._zero = time.perf_counter()

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        self._phase_began = self.total()
        yield
        self.seconds[phase] = self.total() - self._phase_began

    def total(self) -> float:
        """Return the seconds since the run began; the time between an interruption and the resumption is left out."""
        return time.perf_counter() - self._zero

    def reading(self) -> dict[str, Any]:
        """Return what the clock shows, for a checkpoint."""
        return {"total": self.total(), "phase_began": self._phase_began, "seconds": self.seconds}

    def go_on_from(self, reading: dict[str, Any]) -> None:
        """Set the clock to what it showed when the checkpoint was written: what came after it is done again."""
        self._zero = time.perf_counter() - reading["total"]
        self._phase_began, self.seconds = reading["phase_began"], dict(reading["seconds"])
