"""Sides that are timed in turns: each in a process of its own, so that no thread pool disturbs another's."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.cases import ROOT, Case, Job
from seqrun.components.locations import Locations

QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
MODULES = {
    "fit": "keras_fit",
    "pytorch": "pytorch",
    "pytorch fused": "pytorch:fused",
    "seqrun": "seqrun_train",
    "bucketed": "seqrun_train",
    "products": "floor",
}


def jobs(case: Case, data_dir: Path, threads: int) -> dict[str, Job]:
    """What each side trains: the same samples."""
    experiment = case.experiment()
    splits = experiment.dataset.load(Locations(data_dir, emit=lambda event: None))
    job = Job(case.network, experiment, splits, case.steps, case.epochs, threads)
    made = dict.fromkeys(case.sides, job)
    if experiment.trainer.optimizer.name == "adam" and "pytorch" in made:
        made["pytorch fused"] = job
    for side, settings in case.variants.items():
        made[side] = Job(case.network, case.experiment(settings), splits, case.steps, case.epochs, threads)
    return made


class Worker:
    """A side's process: see worker.py."""

    def __init__(self, side: str, threads: int, folder: Path):
        self.job, self.log = folder / f"{side}.job", folder / f"{side}.log"
        environment = {**os.environ, **QUIET, "OMP_NUM_THREADS": str(threads)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.log.open("w")}
        command = [sys.executable, "-m", "benchmarks.worker", MODULES[side]]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)

    def tell(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, float]:
        """To what it was told last."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.process.args)} ended:\n{self.log.read_text()[-3000:]}")
        return json.loads(line)

    def begin(self, job: Job) -> int:
        """Has a job built and warmed up; the parameters of its network."""
        self.job.write_bytes(pickle.dumps(job))
        self.tell(str(self.job))
        return self.answer()["parameters"]

    def turn(self) -> float:
        """The seconds of one more turn."""
        self.tell("turn")
        return self.answer()["seconds"]


class Workers:
    """The processes, each started when it is first needed; leaving the context ends them."""

    def __init__(self, folder: Path):
        self.folder, self.started = folder, {}

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.started.values():
            worker.process.kill()
            worker.process.communicate()

    def interleaved(self, sides: Mapping[str, Job], rounds: int) -> dict[str, list[float]]:
        """Side -> the seconds of each round's turn; each round begins with another side, the first does not count."""
        for side in sides.keys() - self.started.keys():
            self.started[side] = Worker(side, sides[side].threads, self.folder)
        workers = {side: self.started[side] for side in sides}
        # One after another: PyTorch's threads spin while they wait, and crawl beside another process.
        parameters = {side: worker.begin(sides[side]) for side, worker in workers.items()}
        if parameters.get("fit", parameters["seqrun"]) != parameters["seqrun"]:
            raise RuntimeError(f"the networks are not the same: {parameters}")
        taken: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(rounds + 1):
            for turn in range(len(sides)):
                side = list(sides)[(number + turn) % len(sides)]
                taken[side].append(workers[side].turn())
        for worker in workers.values():
            worker.tell("end")
        return {side: seconds[1:] for side, seconds in taken.items()}
