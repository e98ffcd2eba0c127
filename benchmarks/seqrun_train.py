"""seqrun: the experiment's own trainer on the experiment's own network, as `seqrun train` runs them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from signal import SIGINT

from benchmarks.cases import Job
from seqrun.components.session import Session
from seqrun.components.splits import Split, Windows
from seqrun.errors import InterruptedRun
from seqrun.events.events import Epoch, Event
from seqrun.machine.device import import_tensorflow, select_device
from seqrun.running.phases import build_model

VALIDATION = 64  # samples: validation is no part of what is timed


def first(split: Split | Windows, count: int = VALIDATION) -> Split | Windows:
    """The first samples of a split."""
    if isinstance(split, Windows):
        return replace(split, starts=split.starts[:count])
    return Split(split.inputs[:count], split.targets[:count], split.index[:count])


def train(job: Job, turns: Callable[[int], Generator[None, float, None]]) -> None:
    """Trains without end, and waits after each turn until the next is asked for.

    Told are the seconds behind samples_per_second in `history.csv`: the whole of an epoch's steps, data and reports of
    progress among them, but not its validation and metrics, which the other sides do not have either.
    """
    select_device(job.device, job.threads)
    spec = job.experiment.architecture.accept(job.splits.spec)
    splits = replace(job.splits, spec=spec, validation=first(job.splits.validation))
    model = build_model(job.experiment, spec)
    clock = turns(model.count_params())
    next(clock)
    seconds: list[float] = []

    def emit(event: Event) -> None:
        if isinstance(event, Epoch):
            seconds.append(job.steps * job.batch_size / event.row["samples_per_second"])
            if len(seconds) == job.epochs:
                try:
                    clock.send(sum(seconds))
                except StopIteration:
                    raise InterruptedRun(SIGINT) from None
                seconds.clear()

    with suppress(InterruptedRun):
        job.experiment.trainer.fit(model, splits, Session(job.experiment.seed, emit))


def device_mb() -> float:
    """Return the most memory that tensors have held on the GPU, in MB."""
    return import_tensorflow().config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
