"""Requests that come together go through the network together."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from seqrun.inference.network import Pass
from seqrun.serving.limits import Limits


@dataclass(frozen=True)
class _Part:
    """Samples of one request, no more than a batch has."""

    inputs: np.ndarray  # (samples, ...)
    outputs: Future[np.ndarray] = field(default_factory=Future)


class Batches:
    """Joins samples of several threads into batches for one way through a network, which a thread of its own goes.

    A batch waits, no longer than `limits.window`, only while `expected` says that other requests are on their way here:
    a request that comes alone waits for nobody. Batches are filled up to one of `limits.sizes`, so that the network is
    compiled for these alone; `observe` is told of each how many samples it has.
    """

    def __init__(self, way: Pass, limits: Limits, expected: Callable[[], int], observe: Callable[[int], None]):
        self._way, self._limits = way, limits
        self._expected, self._observe = expected, observe
        self._parts: queue.SimpleQueue[_Part] = queue.SimpleQueue()
        self._left: _Part | None = None  # a part that did not fit into the last batch
        threading.Thread(target=self._work, name="seqrun-batches", daemon=True).start()

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs (samples, ...) for inputs (samples, ...); it raises what the network raises."""
        most = self._limits.batch
        parts = [_Part(inputs[first : first + most]) for first in range(0, len(inputs), most)]
        for part in parts:
            self._parts.put(part)
        return np.concatenate([part.outputs.result() for part in parts])

    def _work(self) -> None:
        while True:
            parts = self._next()
            try:
                outputs = self._through([part.inputs for part in parts])
            except Exception as error:  # which is that of every request in the batch
                for part in parts:
                    part.outputs.set_exception(error)
                continue
            for part in parts:
                part.outputs.set_result(outputs[: len(part.inputs)])
                outputs = outputs[len(part.inputs) :]

    def _next(self) -> list[_Part]:
        """Return the parts of the next batch: what is there, and what comes within the window."""
        first = self._left or self._parts.get()
        self._left = None
        parts, size, until = [first], len(first.inputs), time.monotonic() + self._limits.window
        while size < self._limits.batch:
            try:
                part = self._parts.get_nowait()
            except queue.Empty:
                left = until - time.monotonic()
                if left <= 0 or not self._expected():
                    break
                time.sleep(min(left, 0.0005))
                continue
            if size + len(part.inputs) > self._limits.batch or part.inputs.shape[1:] != first.inputs.shape[1:]:
                self._left = part
                break
            parts.append(part)
            size += len(part.inputs)
        return parts

    def _through(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the outputs (samples, ...) of one batch; it is filled up with its last sample."""
        joined = inputs[0] if len(inputs) == 1 else np.concatenate(inputs)
        self._observe(len(joined))
        more = self._limits.size_for(len(joined)) - len(joined)
        filled = np.concatenate([joined, np.repeat(joined[-1:], more, axis=0)]) if more else joined
        return self._way(filled)[: len(joined)]
