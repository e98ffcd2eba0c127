"""Whole processes: how long each command takes, and the whole imdb_lstm job against a plain Keras script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGKILL

from benchmarks.cases import ROOT
from benchmarks.rounds import QUIET, environment_of

SCRIPT = Path(sys.executable).with_name("seqrun")
SEQRUN = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "seqrun"]  # which is not installed everywhere
SMOKE, IMDB = (str(ROOT / "configs" / name) for name in ("smoke/lstm.yaml", "imdb_lstm.yaml"))
PLAIN, LAUNCHED = (str(Path(__file__).with_name(f"{name}.py")) for name in ("plain_imdb_lstm", "launched"))


def finished(command: list[str], folder: Path, device: str = "cpu", limit: float | None = None) -> tuple[float, float]:
    """Run a command in a folder and return its wall seconds and its peak of resident memory in MB.

    Raises RuntimeError with the end of what it printed if it fails, or takes longer than `limit` seconds.
    """
    environment = environment_of("seqrun", device) | {"PYTHONPATH": _with_root(os.environ.get("PYTHONPATH"))}
    with (folder / "command.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCHED, *command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            told = json.loads(process.communicate(timeout=limit)[0])
        except BaseException as error:  # Ctrl-C too: the command has a session of its own
            os.killpg(process.pid, SIGKILL)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise RuntimeError(f"{' '.join(command)} took longer than {limit:.0f} s") from None
            raise
        log.seek(0)
        printed = log.read()
    if told["code"]:
        raise RuntimeError(f"{' '.join(command)} ended with {told['code']}:\n{printed[-3000:]}")
    return told["seconds"], told["mb"]


def _with_root(path: str | None) -> str:
    """Return a PYTHONPATH that has this project's root too: seqrun may not be installed."""
    return os.pathsep.join(filter(None, (str(ROOT), path)))


def completed(typed: str) -> list[str]:
    """The process that bash starts when TAB is pressed behind what has been typed."""
    asked = {"_SEQRUN_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_BREAKS": " \t\n\"'@><=;|&(:"}
    return ["env", *(f"{name}={value}" for name, value in asked.items()), *SEQRUN]


def first_step(folder: Path, seed: int) -> tuple[float, str]:
    """Seconds from the shell to the first report of training steps, of the smallest LSTM config; and its run."""
    command = [*SEQRUN, "train", SMOKE, "--json", "--runs-dir", "runs", "--seed", str(seed)]
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
        "seqrun --version": [*SEQRUN, "--version"],
        "seqrun list": [*SEQRUN, "list"],
        "seqrun schema": [*SEQRUN, "schema"],
        "seqrun init": [*SEQRUN, "init"],
        "seqrun validate CONFIG": [*SEQRUN, "validate", IMDB],
        "seqrun show RUN": [*SEQRUN, "show", runs[0]],
        "seqrun compare RUN RUN": [*SEQRUN, "compare", *runs],
        "seqrun data ridership": [*SEQRUN, "data", "ridership", "--data-dir", str(data_dir)],
        "python -c 'import seqrun'": [sys.executable, "-c", "import seqrun"],
        "seqrun show TAB": completed("seqrun show "),
        "seqrun train CONFIG --set trainer.TAB": completed(f"seqrun train {IMDB} --set trainer."),
        "python -c 'import keras'": [sys.executable, "-c", "import keras"],
        "seqrun doctor": [*SEQRUN, "doctor"],
        "seqrun predict RUN --text TEXT": [*SEQRUN, "predict", runs[0], "--text", "a fine film"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(finished(command, folder)[0])
    return {**taken, "seqrun train CONFIG, to its first steps": [seconds for seconds, _ in trained]}


def whole_job(
    data_dir: Path,
    folder: Path,
    epochs: int,
    rounds: int,
    few: int | None,
    device: str = "cpu",
    limit: float | None = None,
) -> dict[str, dict[str, list[float]]]:
    """imdb_lstm from the shell to the finished folder of results, so many epochs: side -> `seconds` and peak `mb`.

    Without seqrun's cache of prepared data: both begin with the published file. `few`: so many samples a split.
    """
    settings = [f"trainer.epochs={epochs}", "trainer.early_stopping=false"]
    less = []
    if few:
        settings, less = [*settings, f"dataset.limit={few}"], ["--limit", str(few)]
    changes = [part for setting in settings for part in ("--set", setting)]
    where = ["--data-dir", str(data_dir), "--runs-dir", "runs", "--no-cache", "--device", device]
    sides = {
        "plain": [sys.executable, PLAIN, str(data_dir / "imdb.npz"), "plain", "--epochs", str(epochs), *less],
        "seqrun": [*SEQRUN, "train", IMDB, *where, *changes],
    }
    taken = {side: {"seconds": [], "mb": []} for side in sides}
    for number in range(rounds):
        for side in list(sides) if number % 2 else reversed(sides):
            seconds, peak = finished(sides[side], folder, device, limit)
            taken[side]["seconds"].append(seconds)
            taken[side]["mb"].append(peak)
    return taken
