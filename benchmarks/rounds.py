"""Sides that are timed in turns: each in a process of its own, so that no thread pool disturbs another's."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT

QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
MODULES = {
    "fit": "keras_fit",
    "pytorch": "pytorch",
    "pytorch fused": "pytorch:fused",
    "pytorch compiled": "pytorch:fused:compiled",
    "pytorch bfloat16": "pytorch:fused:bfloat16",
    "pytorch float16": "pytorch:fused:float16",
    "seqrun": "seqrun_train",
    "seqrun bfloat16": "seqrun_train",
    "seqrun float16": "seqrun_train",
    "bucketed": "seqrun_train",
    "products": "floor",
}
BUILDING = 0.7  # the share of a limit in which a side must have built its network and taken its first turn


def environment_of(side: str, device: str, torch_libraries: str = "") -> dict[str, str]:
    """Return the environment of a side's process.

    On a GPU PyTorch has `torch_libraries` as LD_LIBRARY_PATH, by default none: it brings its own, and those of
    TensorFlow would come first.
    """
    if device == "cpu":
        return {**os.environ, **QUIET}
    seeing = {name: value for name, value in QUIET.items() if name != "CUDA_VISIBLE_DEVICES"}
    own = {"LD_LIBRARY_PATH": torch_libraries} if side.startswith("pytorch") else {}
    return {**os.environ, **seeing, **own}


def command_of(side: str) -> list[str]:
    """Return the command of a side's process."""
    return [sys.executable, "-m", "benchmarks.worker", MODULES[side]]


class Missed(Exception):
    """A side gave no answer; the message says why."""


@dataclass
class Timed:
    """What turns took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)  # side -> of each round
    mb: dict[str, float] = field(default_factory=dict)  # side -> its peak of memory: the device's, on a GPU
    missed: dict[str, str] = field(default_factory=dict)  # side -> why there is nothing, or less than asked for


class Worker:
    """A side's process: see worker.py."""

    def __init__(self, side: str, device: str, threads: int, folder: Path, torch_libraries: str = ""):
        self.log = folder / f"{side}.log"
        environment = {**environment_of(side, device, torch_libraries), "OMP_NUM_THREADS": str(threads)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.log.open("w")}
        self.process = subprocess.Popen(command_of(side), cwd=ROOT, env=environment, text=True, **pipes)
        self.ready, self.told = False, time.monotonic()

    def wait_until_ready(self, until: float = float("inf")) -> None:
        """Wait until its libraries are imported; raise Missed if it ends, or by that time they are not."""
        if not self.ready:
            self.answer(until)
            self.ready = True

    def tell(self, line: str) -> None:
        """Send it a line; raise Missed if it has ended."""
        self.told = time.monotonic()
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Missed(self._ended()) from None

    def answer(self, until: float) -> Any:
        """Return what it answers to what it was told last; raise Missed if it ends, or by that time has not."""
        left = min(max(0.0, until - time.monotonic()), 1e6)  # what answered before is read even if none is left
        if not select.select([self.process.stdout], [], [], left)[0]:
            self.end()
            raise Missed(f"no answer within {time.monotonic() - self.told:.0f} s")
        line = self.process.stdout.readline()  # an answer is one line: nothing is left in the buffer
        if not line:
            raise Missed(self._ended())
        return json.loads(line)

    def begin(self, job: Path, until: float) -> None:
        """Have it build a job's network and take a first turn, which is its next answer."""
        self.wait_until_ready(until)
        self.tell(str(job))

    def turn(self, until: float) -> dict[str, float]:
        """Return the seconds, and the peak of memory, of one more turn."""
        self.tell("turn")
        return self.answer(until)

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()

    def _ended(self) -> str:
        self.end()
        lines = self.log.read_text().strip().splitlines() or ["without a word"]
        print("\n".join(lines[-30:]), file=sys.stderr)
        return f"ended: {lines[-1][:300]}"


class Workers:
    """The processes, each started when it is first needed."""

    def __init__(self, folder: Path, device: str, threads: int, torch_libraries: str = ""):
        folder.mkdir()
        self.device, self.settings = device, (device, threads, folder, torch_libraries)
        self.started: dict[str, Worker] = {}

    def end(self) -> None:
        """End them all."""
        for worker in self.started.values():
            worker.end()

    def start(self, sides: Iterable[str]) -> None:
        """Start these sides' processes, which import their libraries; wait for none."""
        for side in sides:
            if side not in self.started:
                self.started[side] = Worker(side, *self.settings)

    def wait(self) -> None:
        """Wait until all have imported their libraries; what ended before is told when it is used."""
        for worker in self.started.values():
            with suppress(Missed):
                worker.wait_until_ready()

    def interleaved(
        self, jobs: Mapping[str, Path], rounds: int, limit: float | None = None, following: Workers | None = None
    ) -> Timed:
        """Return what each side's turns took; each round begins with another side, the first does not count.

        With a `limit` of seconds, counted from when all have imported their libraries, rounds that would begin later
        are left out, and so is a side that is not built by then; one that is slow takes part in one round. `following`
        are processes that are needed next: no round begins before they have imported their libraries. Raises
        RuntimeError if sides train unequal networks.
        """
        self.start(jobs)
        self.wait()
        limit = limit or float("inf")
        began = time.monotonic()
        timed = Timed()
        first = self._built(jobs, began + BUILDING * limit, timed)
        _check_parameters({side: answer["parameters"] for side, answer in first.items()})
        if following:
            following.wait()
        slow = {side for side, answer in first.items() if answer["seconds"] > limit / (2 * rounds + 2)}
        for number in range(rounds + 1):
            if number and time.monotonic() > began + limit:
                timed.missed = dict.fromkeys(first, f"{number - 1} of {rounds} rounds") | timed.missed
                break
            sides = [side for side in _rotated([*first], number) if side not in slow or number == 1]
            self._round(sides, bool(number), began + limit, timed)
        timed.missed |= {side: f"1 of {rounds} rounds: it is slow" for side in slow if timed.seconds.get(side)}
        self._end_jobs(first)
        return timed

    def _round(self, sides: Iterable[str], counts: bool, until: float, timed: Timed) -> None:
        """Have each side take a turn; one that does not end a second after `until` is told as missed."""
        for side in sides:
            answer = self._attempt(side, timed, Worker.turn, until + 1)
            if answer is not None:
                timed.mb[side] = answer["mb"]
                if counts:
                    timed.seconds.setdefault(side, []).append(answer["seconds"])

    def _built(self, jobs: Mapping[str, Path], until: float, timed: Timed) -> dict[str, dict[str, float]]:
        """Return each side's first answer, when it has built its network and taken a turn.

        On a CPU one after another: PyTorch's threads spin while they wait, and crawl beside another process.
        """
        built: dict[str, dict[str, float]] = {}
        groups = [[*jobs]] if self.device == "gpu" else [[side] for side in jobs]
        for number, sides in enumerate(groups):
            now = time.monotonic()
            own = now + (until - now) / (len(groups) - number)  # one that hangs leaves the others their time
            for side in sides:
                self._attempt(side, timed, Worker.begin, jobs[side], own)
            for side in sides:
                answer = self._attempt(side, timed, Worker.answer, own)
                if answer is not None:
                    built[side] = answer
        return built

    def _attempt(self, side: str, timed: Timed, do: Callable[..., Any], *given: Any) -> Any:
        """Return what a side's process answers; None, and the reason in `timed`, if it does not or did not before."""
        if side in timed.missed:
            return None
        try:
            return do(self.started[side], *given)
        except Missed as missed:
            timed.missed[side] = str(missed)
            return None

    def _end_jobs(self, sides: Iterable[str]) -> None:
        """Let each process wait for another job; what has ended is started anew if it is needed again."""
        for side in sides:
            if self.started[side].process.poll() is None:
                self.started[side].tell("end")
        self.started = {side: worker for side, worker in self.started.items() if worker.process.poll() is None}


def _rotated(sides: list[str], number: int) -> list[str]:
    """Return the sides, beginning with another one in each round."""
    first = number % max(1, len(sides))
    return sides[first:] + sides[:first]


def _check_parameters(parameters: Mapping[str, float]) -> None:
    """Raise RuntimeError if Keras' network and seqrun's have not as many parameters."""
    if "fit" in parameters and "seqrun" in parameters and parameters["fit"] != parameters["seqrun"]:
        raise RuntimeError(f"the networks are not the same: {parameters}")
