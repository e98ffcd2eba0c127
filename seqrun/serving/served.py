"""A run that is being served: its network compiled, and requests answered by several threads at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from seqrun.components.reading import NewSamples
from seqrun.components.targets import SeriesTarget
from seqrun.inference.network import Network, Pass
from seqrun.inference.questions import Prediction
from seqrun.inference.results import Results
from seqrun.inference.saved import SavedRun
from seqrun.registry import PREDICTIONS, load
from seqrun.serving.asking import Asked
from seqrun.serving.batching import Batches
from seqrun.serving.limits import Limits


@dataclass(frozen=True)
class Answer:
    """What a run says to a request."""

    results: Results
    warnings: tuple[str, ...] = ()


@dataclass
class _Reading:
    """How many requests are being read, which will soon want to go through the network."""

    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, by: int) -> None:
        with self.lock:
            self.count += by


class Served:
    """A run whose requests are joined into batches."""

    def __init__(self, saved: SavedRun, limits: Limits, observe: Callable[[int], None] = lambda samples: None):
        self._reading = _Reading()

        def batched(way: Pass) -> Pass:
            return Batches(way, limits, lambda: self._reading.count, observe)

        self.saved = replace(saved, network=Network(batched))
        self.limits = limits
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="seqrun-requests")
        self.example: Results | None = None  # what is predicted of a sample of zeros, once the network is compiled

    @property
    def name(self) -> str:
        """What the model is called in addresses."""
        return self.saved.run.path.resolve().name

    @property
    def prediction(self) -> Prediction:
        """What the run predicts."""
        return load(PREDICTIONS[self.saved.spec.target.kind])

    @property
    def reads_texts(self) -> bool:
        """Whether its input is texts."""
        return self.saved.reader.texts(["a"]) is not None

    def prepare(self) -> None:
        """Load the network and compile it for every size of batch; raises what `seqrun predict` would raise."""
        for size in self.limits.sizes:
            self.example = self.prediction.of_samples(self.saved, _zeros(self.saved, size))

    async def answer(self, asked: Asked) -> Answer:
        """Return what the run predicts; raises as `read_question` and its answer do.

        What is cancelled before a thread has begun it is not done at all.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.answered, asked)

    def answered(self, asked: Asked) -> Answer:
        """Return the same in this thread."""
        self._reading.change(+1)
        try:
            question = asked.read(self.saved)
        finally:
            self._reading.change(-1)
        return Answer(question.answer(), question.warnings)

    def close(self) -> None:
        """Let the threads go that have nothing to do any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _zeros(saved: SavedRun, count: int) -> NewSamples:
    """Return samples of nothing but zeros."""
    spec, index = saved.spec, np.arange(count)
    inputs = np.zeros((count, *spec.input_shape), np.float32 if spec.vocabulary is None else np.int32)
    texts, units = ["a"] * count if saved.reader.texts(["a"]) is not None else None, None
    if isinstance(spec.target, SeriesTarget) and spec.target.series:
        units = spec.of(SeriesTarget).target.units_of(np.zeros(count, np.int64))
    tokens = None if texts is None else [["a"]] * count
    return NewSamples(inputs, index, texts, tokens, units=units)
