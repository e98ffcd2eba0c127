"""Whole processes: how long each command takes, and the whole imdb_lstm job against a plain Keras script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.cases import ROOT
from benchmarks.rounds import QUIET

SEQRUN = str(Path(sys.executable).with_name("seqrun"))
SMOKE, IMDB = (str(ROOT / "configs" / name) for name in ("smoke/lstm.yaml", "imdb_lstm.yaml"))
PLAIN = str(Path(__file__).with_name("plain_imdb_lstm.py"))


def finished(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Runs a command in a folder: its wall seconds, its peak resident memory in MB, and what it printed."""
    with (folder / "command.log").open("w+") as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **QUIET}, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        log.seek(0)
        printed = log.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{printed[-3000:]}")
    return seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), printed


def completed(typed: str) -> list[str]:
    """The process that bash starts when TAB is pressed behind what has been typed."""
    asked = {"_SEQRUN_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_BREAKS": " \t\n\"'@><=;|&(:"}
    return ["env", *(f"{name}={value}" for name, value in asked.items()), SEQRUN]


def first_step(folder: Path, seed: int) -> tuple[float, str]:
    """Seconds from the shell to the first report of training steps, of the smallest LSTM config; and its run."""
    command = [SEQRUN, "train", SMOKE, "--json", "--runs-dir", "runs", "--seed", str(seed)]
    seconds: float | None = None
    started = time.perf_counter()
    log = folder / "command.log"
    pipes = {"stdout": subprocess.PIPE, "stderr": log.open("w")}
    with subprocess.Popen(command, cwd=folder, env={**os.environ, **QUIET}, text=True, **pipes) as process:
        for line in process.stdout:
            event = json.loads(line)
            if seconds is None and event["event"] in ("batch", "epoch"):
                seconds = time.perf_counter() - started
    if seconds is None:
        raise RuntimeError(f"{' '.join(command)} took no step:\n{log.read_text()[-3000:]}")
    return seconds, event["run"]


def startup(data_dir: Path, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Command -> its wall seconds in each round; those that import TensorFlow come last, after the import alone."""
    trained = [first_step(folder, seed) for seed in range(max(rounds, 2))]
    runs = [run for _, run in trained[:2]]
    commands = {
        "seqrun --version": [SEQRUN, "--version"],
        "seqrun list": [SEQRUN, "list"],
        "seqrun schema": [SEQRUN, "schema"],
        "seqrun init": [SEQRUN, "init"],
        "seqrun validate CONFIG": [SEQRUN, "validate", IMDB],
        "seqrun show RUN": [SEQRUN, "show", runs[0]],
        "seqrun compare RUN RUN": [SEQRUN, "compare", *runs],
        "seqrun data ridership": [SEQRUN, "data", "ridership", "--data-dir", str(data_dir)],
        "python -c 'import seqrun'": [sys.executable, "-c", "import seqrun"],
        "seqrun show TAB": completed("seqrun show "),
        "seqrun train CONFIG --set trainer.TAB": completed(f"seqrun train {IMDB} --set trainer."),
        "python -c 'import keras'": [sys.executable, "-c", "import keras"],
        "seqrun doctor": [SEQRUN, "doctor"],
        "seqrun predict RUN --text TEXT": [SEQRUN, "predict", runs[0], "--text", "a fine film"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(finished(command, folder)[0])
    return {**taken, "seqrun train CONFIG, to its first steps": [seconds for seconds, _ in trained]}


def whole_job(
    data_dir: Path, folder: Path, epochs: int, rounds: int, limit: int | None
) -> dict[str, dict[str, list[float]]]:
    """imdb_lstm from the shell to the finished folder of results, so many epochs: side -> `seconds` and peak `mb`.

    Without seqrun's cache of prepared data: both begin with the published file.
    """
    settings = [f"trainer.epochs={epochs}", "trainer.early_stopping=false"]
    few = []
    if limit:
        settings, few = [*settings, f"dataset.limit={limit}"], ["--limit", str(limit)]
    changes = [part for setting in settings for part in ("--set", setting)]
    sides = {
        "plain": [sys.executable, PLAIN, str(data_dir / "imdb.npz"), "plain", "--epochs", str(epochs), *few],
        "seqrun": [SEQRUN, "train", IMDB, "--data-dir", str(data_dir), "--runs-dir", "runs", "--no-cache", *changes],
    }
    taken = {side: {"seconds": [], "mb": []} for side in sides}
    for number in range(rounds):
        for side in list(sides) if number % 2 else reversed(sides):
            seconds, peak, _ = finished(sides[side], folder)
            taken[side]["seconds"].append(seconds)
            taken[side]["mb"].append(peak)
    return taken
