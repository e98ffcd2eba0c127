"""Reads a case's data and writes the jobs of its sides, in a process of its own: the one that times stays small.

    python -m benchmarks.preparing REQUEST

REQUEST is a pickled `Request`; its jobs are written beside it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.cases import ROOT, Case, Job
from seqrun.components.locations import Locations


@dataclass(frozen=True)
class Request:
    """A case, and what its sides are run with."""

    case: Case
    sides: tuple[str, ...]
    device: str
    threads: int
    data_dir: Path


class Preparation:
    """A process that writes jobs; it has begun when this has been made."""

    def __init__(self, request: Request, folder: Path):
        folder.mkdir()
        self.request, self.folder, self.log = request, folder, folder / "log"
        file = folder / "request"
        file.write_bytes(pickle.dumps(request))
        command = [sys.executable, "-m", "benchmarks.preparing", str(file)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def jobs(self) -> dict[str, Path]:
        """Return side -> its job's file, when they are written."""
        if self.process.wait():
            raise RuntimeError(f"{' '.join(self.process.args)} ended:\n{self.log.read_text()[-3000:]}")
        settings = {side: self.request.case.settings_of(side) for side in self.request.sides}
        return {side: _file(self.folder, more) for side, more in settings.items()}

    def end(self) -> None:
        """End the process, if it still runs."""
        self.process.kill()
        self.process.wait()


def _file(folder: Path, settings: tuple[str, ...]) -> Path:
    return folder / ("_".join(("job", *settings)).replace(os.sep, "_"))


def main() -> None:
    file = Path(sys.argv[1])
    request: Request = pickle.loads(file.read_bytes())
    case, data_dir = request.case, request.data_dir
    splits = case.experiment(data_dir=data_dir).dataset.load(Locations(data_dir, emit=lambda event: None))
    wanted = case.steps * case.batch_size
    if case.experiment().trainer.steps_per_epoch is None and len(splits.train) < wanted:
        raise SystemExit(
            f"{case.data}: {case.steps} batches want {wanted} samples to train on, not {len(splits.train)}"
        )
    splits = replace(splits, whole=None)  # no side reads whole texts, and what reads them cannot be sent
    for more in {case.settings_of(side) for side in request.sides}:
        experiment = case.experiment(more, data_dir)
        job = Job(case.network, experiment, splits, case.steps, case.epochs, request.threads, request.device)
        _file(file.parent, more).write_bytes(pickle.dumps(job))


if __name__ == "__main__":
    main()
