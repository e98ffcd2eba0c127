"""What a run's network is made of once it is loaded: the network, and the ways through it, each made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
Pass = Callable[[np.ndarray], np.ndarray]  # inputs (samples, ...) -> outputs (samples, ...), each sample by itself


def _as_it_is(way: Pass) -> Pass:
    return way


@dataclass
class Network:
    """Makes each thing when it is first asked for, for all threads; then it is there."""

    around: Callable[[Pass], Pass] = _as_it_is  # what each way through the network is put into
    alone: threading.RLock = field(default_factory=threading.RLock)  # held by what must not be done twice at once
    _made: dict[str, Any] = field(default_factory=dict)
    _making: threading.RLock = field(default_factory=threading.RLock)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is called `name`, and make it if it is not there yet."""
        if name not in self._made:
            with self._making:
                if name not in self._made:
                    self._made[name] = make()
        return self._made[name]

    def passing(self, name: str, make: Callable[[], Pass]) -> Pass:
        """Return the way through the network that is called `name`, inside what `around` puts it into."""
        return self.once(name, lambda: self.around(make()))
