"""An exported network loaded again, in a process where seqrun is not to be had."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from seqrun.errors import SeqrunError
from seqrun.export.raw import Raw
from seqrun.machine.scratch import into_scratch

SCRIPT = Path(__file__).parent / "run_exported.py"


class ExportError(SeqrunError):
    """The export does not compute what the run does, or cannot be loaded."""


class Loaded:
    """An exported network, loaded again in a process that cannot import seqrun; use it in a `with` block."""

    def __init__(self, kind: str, exported: Path):
        with into_scratch():
            self.scratch = tempfile.TemporaryDirectory()
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-P", str(SCRIPT), kind, str(exported.resolve())]
        with into_scratch():
            self.errors = (Path(self.scratch.name) / "stderr").open("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=environment
        )

    def __enter__(self) -> Loaded:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()
        self.scratch.cleanup()

    def answers(self, raw: Raw) -> dict[str, np.ndarray]:
        """Return what the network answers to raw samples; ExportError, with its last words, if it fails."""
        with tempfile.TemporaryDirectory(dir=self.scratch.name) as name:
            folder = Path(name)
            with into_scratch():
                write_samples(raw, folder)
            self._ask(folder)
            with np.load(folder / "answers.npz") as found:
                return dict(found)

    def _ask(self, folder: Path) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{folder}\n")
            self.process.stdin.flush()
        while line := self.process.stdout.readline():
            if line.strip() == "answered":
                return
        self.errors.seek(0)
        told = (self.errors.read().strip().splitlines() or ["it wrote nothing"])[-1]
        raise ExportError(f"the exported network cannot be used: {told}")


def write_samples(raw: Raw, folder: Path) -> None:
    """Write raw samples as run_exported.py reads them."""
    if isinstance(raw.samples, list):
        (folder / "texts.json").write_text(json.dumps(raw.samples))
    else:
        np.save(folder / "samples.npy", raw.samples)
    for name, values in raw.more.items():
        np.save(folder / f"more.{name}.npy", values)
