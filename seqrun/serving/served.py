"""A run that is being served: its network compiled, and requests answered by several threads at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.reading import NewSamples, Reader
from seqrun.components.targets import SeriesTarget
from seqrun.datasets.series.reader import SeriesReader
from seqrun.inference.network import Network, Pass
from seqrun.inference.questions import Prediction
from seqrun.inference.results import Results
from seqrun.inference.saved import SavedRun
from seqrun.registry import PREDICTIONS, load
from seqrun.serving.asking import Asked
from seqrun.serving.batching import Batches
from seqrun.serving.limits import Limits

T = TypeVar("T")


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
        """What the model is called: as its directory."""
        return self.saved.run.path.resolve().name

    @property
    def names(self) -> tuple[str, ...]:
        """What the model may be called in addresses: also as the experiment, whichever of its runs is served."""
        return (self.name, str(self.saved.run.record.get("name", self.name)))

    @property
    def prediction(self) -> Prediction:
        """What the run predicts."""
        return load(PREDICTIONS[self.saved.spec.target.kind])

    @cached_property
    def reads_texts(self) -> bool:
        """Whether its input is texts."""
        return self.saved.reader.texts(["a"]) is not None

    def prepare(self) -> None:
        """Load the network and compile it for every size of batch; raises what `seqrun predict` would raise."""
        for size in self.limits.sizes:
            self.example = self.prediction.of_samples(self.saved, _zeros(self.saved, size))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Return what the work returns, done in one of the run's threads.

        What is cancelled before a thread has begun it is not done at all.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def answer(self, asked: Asked) -> Answer:
        """Return what the run predicts; raises as `read_question` and its answer do."""
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
    samples = NewSamples(inputs, index)
    if isinstance(spec.target, SeriesTarget):
        return _named_series(samples, saved.reader, spec.target)
    if saved.reader.texts(["a"]) is None:
        return samples
    return replace(samples, texts=["a"] * count, tokens=[["a"]] * count)


def _named_series(samples: NewSamples, reader: Reader, target: SeriesTarget) -> NewSamples:
    """Return samples of series with names, times and units, as a table of the run's columns would give them."""
    index = samples.index
    units = target.units_of(np.zeros(len(index), np.int64)) if target.series else None
    if not isinstance(reader, SeriesReader):
        return replace(samples, units=units)
    reading, shape = reader.encoder.reading, (len(index), target.horizon)
    ids = None if reading.series_id is None else Key.of(reading.series_id, np.array([*map(str, index)]))
    ahead = Key(reading.time or "row", np.zeros(shape, np.int64 if reading.time is None else "datetime64[s]"))
    return replace(samples, units=units, ids=ids, ahead=ahead)
