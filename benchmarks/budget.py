"""The time that a measurement may take, shared among its parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

LEAST = 10.0  # seconds in which a part can say something


class Budget:
    """So many seconds for parts of such weights; what one leaves is shared among those that follow."""

    def __init__(
        self, seconds: float | None, weights: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ):
        self.clock, self.waiting = clock, dict(weights)
        self.until = None if seconds is None else clock() + seconds

    def share(self, part: str, least: float = LEAST) -> float | None:
        """Return how many seconds this part may take, 0 if less than `least` are; None: as many as it wants."""
        if self.until is None:
            return None
        whole = sum(self.waiting.values())
        share = (self.until - self.clock()) * self.waiting.pop(part) / whole
        return share if share >= least else 0.0
