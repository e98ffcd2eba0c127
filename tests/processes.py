"""Real training processes that are killed, resumed, and compared with the same run left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from seqrun.rundir.columns import TIMES
from seqrun.rundir.reading import read_run

PATIENCE = 300  # seconds for one process


@dataclass(frozen=True)
class Config:
    """A config to be trained, how long an epoch of it is made, and what `seqrun resume` needs beside the run."""

    file: Path
    settings: tuple[str, ...]
    resuming: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """Return the arguments of `seqrun train` for it."""
        return [str(self.file), *(part for setting in self.settings for part in ("--set", setting))]


def start(*arguments: str) -> subprocess.Popen[str]:
    """Return a `seqrun` process; its events come as JSON lines from standard output."""
    command = [sys.executable, "-m", "seqrun", *arguments, "--json", "--no-cache"]
    quiet = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quiet)


def left_alone(config: Config, runs: Path) -> tuple[Path, float]:
    """Return the finished run of a config, and the seconds that its process took."""
    began = time.monotonic()
    process = start("train", *config.arguments(), "--runs-dir", str(runs))
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return Path(json.loads(out.splitlines()[-1])["run"]), time.monotonic() - began


@dataclass(frozen=True)
class Killed:
    """A process that got a signal."""

    code: int
    run: Path | None  # its run directory, if it had made one
    error: str  # what it wrote to standard error


def kill(
    process: subprocess.Popen[str], number: int, runs: Path, when: Callable[[dict[str, Any]], bool] | str, wait: float
) -> Killed:
    """Send the signal and return how that ended.

    It is sent `wait` seconds after the first event for which `when` is true, after the beginning if it is true for no
    event ({}), or after a file of this name (`*/plots`) has appeared below `runs`.
    """
    assert process.stdout is not None
    if isinstance(when, str):
        while not any(runs.glob(when)) and process.poll() is None:
            time.sleep(0.01)
    elif not when({}):
        for line in process.stdout:
            if when(json.loads(line)):
                break
    time.sleep(wait)
    process.send_signal(number)
    _, error = process.communicate(timeout=PATIENCE)
    found = sorted(runs.iterdir()) if runs.exists() else []
    return Killed(process.returncode, found[0] if found else None, error)


def resume(run: Path, *arguments: str) -> None:
    """Go on with a run to its end."""
    process = start("resume", str(run), *arguments)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err


def differences(run: Path, expected: Path) -> list[str]:
    """Return in which of their results two runs differ, bit for bit; times do not count."""
    one, other = read_run(run), read_run(expected)
    found = []
    if untimed(one.history) != untimed(other.history):
        found.append("history")
    if one.metrics != other.metrics:
        found.append("metrics")
    for name in ("epochs_sha256", "parameters", "warnings", "data", "status"):
        if one.record.get(name) != other.record.get(name):
            found.append(name)
    for path in sorted(expected.rglob("*")):
        name = str(path.relative_to(expected))
        compared = path.suffix == ".h5" or name == "predictions.npz" or path.parent.name == "artifacts"
        if compared and (not (run / name).exists() or content(run / name) != content(path)):
            found.append(name)
    return found


def untimed(history: list[dict[str, float]]) -> str:
    """Return the rows of a history as text, without what a clock has measured."""
    return json.dumps([{name: value for name, value in row.items() if name not in TIMES} for row in history])


def content(path: Path) -> dict[str, bytes]:
    """Return what a file holds: its arrays by name, of dtype, shape and bytes; or the file itself."""
    arrays: dict[str, np.ndarray] = {}

    def add(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[()]

    if path.suffix == ".h5":
        with h5py.File(path) as file:
            file.visititems(add)
    elif path.suffix == ".npz":
        with np.load(path) as file:
            arrays |= file
    else:
        return {"": path.read_bytes()}
    return {name: f"{array.dtype}{array.shape}".encode() + array.tobytes() for name, array in arrays.items()}


SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}
