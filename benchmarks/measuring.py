"""The measurement of each part, on one device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import growth
from benchmarks.budget import Budget
from benchmarks.cases import CASES, Case
from benchmarks.memory import memory
from benchmarks.preparing import Preparation, Request
from benchmarks.processes import startup, whole_job
from benchmarks.rounds import Workers

WHOLE = ("growth", "startup", "memory", "job")  # what is no case
FILES = {"growth": ("imdb.npz",), "startup": (), "memory": (), "job": ("imdb.npz",)}  # of the data folder
DEFAULT = {"cpu": (*CASES, *WHOLE), "gpu": (*CASES, "growth", "job")}


def weight(part: str, device: str) -> float:
    """Return how much of the time a part wants, in proportion to a case's 1."""
    if part in CASES:
        return len(CASES[part].sides(device)) / 5
    points = sum(map(len, growth.SIZES[device].values()))
    return {"growth": 0.3 * points, "startup": 4.0, "memory": 4.0, "job": 2.5}[part]


def files(part: str) -> tuple[str, ...]:
    """Return the files of the data folder that a part reads."""
    return (CASES[part].data,) if part in CASES else FILES[part]


@dataclass
class Plan:
    """One case to be timed, as it is prepared ahead."""

    name: str
    case: Case
    sides: tuple[str, ...]
    preparation: Preparation | None = None
    workers: Workers | None = None


@dataclass
class Measuring:
    """Measures parts; `folder` is for files of its own."""

    device: str
    threads: int
    data_dir: Path
    folder: Path
    quick: bool = False
    epochs: int = 3
    sides: tuple[str, ...] = ()  # if any, no others are timed
    torch_libraries: str = ""
    opened: list[Workers | Preparation] = field(default_factory=list)
    made: int = 0  # folders

    def part(self, name: str, limit: float | None) -> Any:
        """Return what was measured of one part that is no case."""
        scratch = self._new_folder()
        scratch.mkdir()
        if name == "growth":
            return self.growth(limit)
        if name == "startup":
            return startup(self.data_dir, scratch, 1 if self.quick else 5)
        if name == "memory":
            return memory(scratch, 1 if self.quick else 3, *([500] if self.quick else []))
        epochs, rounds, few = (1, 1, 2000) if self.quick else (self.epochs, 3 if self.device == "cpu" else 1, None)
        each = None if limit is None else limit / 2
        return {"epochs": epochs, **whole_job(self.data_dir, scratch, epochs, rounds, few, self.device, each)}

    def plan(self, name: str) -> Plan:
        """Return a case as it is measured on this device."""
        case = CASES[name].on(self.device)
        return self._plan(name, case.quick() if self.quick else case, case.sides(self.device))

    def _plan(self, name: str, case: Case, sides: tuple[str, ...]) -> Plan:
        return Plan(name, case, tuple(side for side in sides if not self.sides or side in self.sides))

    def steps(self, plan: Plan, limit: float | None, following: Plan | None = None) -> dict[str, Any]:
        """Return of a case side -> `ms` a step of each round, `mb`, and why a side is `missed` or was cut short."""
        self.begin(plan)
        jobs = plan.preparation.jobs()
        if following and self.device == "gpu":
            self.begin(following)
        ahead = following.workers if following and self.device == "gpu" else None
        timed = plan.workers.interleaved(jobs, plan.case.rounds, limit, ahead)
        if not timed.seconds:
            raise RuntimeError(f"no side could be measured: {timed.missed}")
        count = plan.case.steps * plan.case.epochs
        return {
            "ms": {side: [1000 * value / count for value in values] for side, values in timed.seconds.items()},
            "mb": timed.mb,
            "missed": timed.missed,
        }

    def prepare(self, plan: Plan) -> None:
        """Begin to read a case's data, in a process of its own."""
        if plan.preparation is None:
            request = Request(plan.case, plan.sides, self.device, self.threads, self.data_dir)
            plan.preparation = self._opened(Preparation(request, self._new_folder()))

    def begin(self, plan: Plan) -> None:
        """Begin with a case: its data are read, and its processes import their libraries."""
        self.prepare(plan)
        if plan.workers is None:  # new ones: PyTorch is slower in a process that has trained another network
            plan.workers = self._workers()
            if self.device == "gpu":
                plan.workers.start(plan.sides)

    def growth(self, limit: float | None) -> dict[str, Any]:
        """Return what grows -> its size -> side -> samples a second of each round; and what was `missed`."""
        plans = [*self._growth_plans()]
        if self.device == "gpu":  # with cores for it; on a CPU it would take them from what is timed
            for plan in plans:
                self.prepare(plan)
        budget = Budget(limit, {plan.name: 1 for plan in plans})
        taken: dict[str, Any] = {what: {} for what in growth.SIZES[self.device]}
        taken["missed"] = {}
        workers = self._workers()
        for plan in plans:
            share = budget.share(plan.name, least=1)
            if share == 0:
                taken["missed"][plan.name] = "there was no time left"
                continue
            self._grow(plan, workers, share, taken)
        workers.end()
        if not any(speeds for what in growth.SIZES[self.device] for speeds in taken[what].values()):
            raise RuntimeError(f"no size could be measured: {taken['missed']}")
        return taken

    def _grow(self, plan: Plan, workers: Workers, limit: float | None, taken: dict[str, Any]) -> None:
        """Add one size of what grows to what was taken."""
        what, size = plan.name.split()
        self.prepare(plan)
        timed = workers.interleaved(plan.preparation.jobs(), plan.case.rounds, limit)
        taken[what][size] = {
            side: [plan.case.samples / value for value in values] for side, values in timed.seconds.items()
        }
        taken["missed"] |= {f"{plan.name}, {side}": why for side, why in timed.missed.items()}

    def _growth_plans(self) -> Iterator[Plan]:
        for what, sizes in growth.SIZES[self.device].items():
            for size in sizes[-1:] if self.quick else sizes:
                case = growth.grown(self.device, 8 if self.quick else 1, **{what: size})
                case = replace(case, rounds=2 if self.quick or self.device == "gpu" else 3)
                yield self._plan(f"{what} {size}", case, growth.SIDES[self.device])

    def _workers(self) -> Workers:
        return self._opened(Workers(self._new_folder(), self.device, self.threads, self.torch_libraries))

    def _opened(self, opened: Any) -> Any:
        self.opened.append(opened)
        return opened

    def _new_folder(self) -> Path:
        self.made += 1
        return self.folder / str(self.made)

    def end(self, plan: Plan | None = None) -> None:
        """End the processes of a plan, or all."""
        for each in self.opened if plan is None else (plan.workers, plan.preparation):
            if each is not None:
                each.end()
