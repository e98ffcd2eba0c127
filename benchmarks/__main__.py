"""Runs the benchmarks and writes their results.

    python -m benchmarks [--quick] [--threads N] [--data-dir DIR] [--output DIR] [WHAT...]

WHAT are cases (lstm, gru, ...), growth, startup and job; by default all. Results are kept in OUTPUT/results.json, and
shown in OUTPUT/README.md and results.png; what was not measured now stays, if it was measured on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import report
from benchmarks.cases import BATCHES, CASES, GROWTH_TOKENS, LENGTHS, ROOT, grown
from benchmarks.data import data_folder
from benchmarks.processes import startup, whole_job
from benchmarks.rounds import Workers, jobs
from seqrun.rundir.environment import environment

PARTS = ("growth", "startup", "job")
COMPARED = ("fit", "pytorch", "seqrun")


def steps(name: str, workers: Workers, data_dir: Path, threads: int, quick: bool) -> dict[str, list[float]]:
    """Side -> milliseconds a step, one of each round."""
    case = replace(CASES[name], steps=max(4, CASES[name].steps // 8)) if quick else CASES[name]
    seconds = workers.interleaved(jobs(case, data_dir, threads), 2 if quick else case.rounds)
    count = case.steps * case.epochs
    return {side: [1000 * value / count for value in values] for side, values in seconds.items()}


def growth(workers: Workers, data_dir: Path, threads: int, quick: bool) -> dict[str, dict[str, dict[str, list[float]]]]:
    """batch or length -> its size -> side -> samples a second, one of each round."""
    tokens = GROWTH_TOKENS // 8 if quick else GROWTH_TOKENS
    taken: dict[str, dict[str, dict[str, list[float]]]] = {}
    for what, sizes in (("batch", BATCHES), ("length", LENGTHS)):
        taken[what] = {}
        for size in sizes[-1:] if quick else sizes:
            sides = jobs(grown(tokens=tokens, **{what: size}), data_dir, threads)
            seconds = workers.interleaved({side: sides[side] for side in COMPARED}, 2 if quick else 3)
            samples = sides["seqrun"].samples
            taken[what][str(size)] = {side: [samples / value for value in values] for side, values in seconds.items()}
    return taken


def rounded(taken: Any) -> Any:
    """The same with three decimals, which is more than the spread leaves."""
    if isinstance(taken, dict):
        return {name: rounded(value) for name, value in taken.items()}
    return [round(value, 3) for value in taken] if isinstance(taken, list) else taken


def machine(threads: int, kinds: dict[str, str]) -> dict[str, str]:
    """What the figures hold for."""
    known = environment()
    packages = {name: version(name) for name in ("tensorflow", "keras", "torch", "numpy", "scikit-learn")}
    generated = ", ".join(name for name, kind in kinds.items() if kind == "generated")
    return {
        "processor": f"{known['cpu']['model']} ({known['cpu']['count']} cores)",
        "threads": str(threads),
        "system": platform.platform(),
        "Python": platform.python_version(),
        **packages,
        "generated data": generated or "none",
    }


def measured(what: list[str], arguments: argparse.Namespace, keep: Callable[[str, Any], None], scratch: Path) -> None:
    """Measures each part and hands it on at once, so that what is done is kept if a later part fails."""
    data_dir, quick = scratch / "data", arguments.quick
    for name in (name for name in what if name in CASES or name == "growth"):
        print(f"{datetime.now():%H:%M:%S} {name}", flush=True)
        with Workers(scratch) as workers:  # new ones: PyTorch is slower in a process that has trained another network
            shared = (workers, data_dir, arguments.threads, quick)
            keep(name, growth(*shared) if name == "growth" else steps(name, *shared))
    if "startup" in what:
        print(f"{datetime.now():%H:%M:%S} startup", flush=True)
        keep("startup", startup(data_dir, scratch, 1 if quick else 5))
    if "job" in what:
        print(f"{datetime.now():%H:%M:%S} job", flush=True)
        epochs, rounds, limit = (1, 1, 2000) if quick else (arguments.epochs, 3, None)
        keep("job", {"epochs": epochs, **whole_job(data_dir, scratch, epochs, rounds, limit)})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join((*CASES, *PARTS)))
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it works, not how fast it is")
    parser.add_argument("--threads", type=int, default=environment()["cpu"]["count"], help="of each side (all cores)")
    parser.add_argument("--epochs", type=int, default=3, help="of the whole job (3)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SEQRUN_DATA_DIR"), help="published files")
    parser.add_argument("--output", type=Path, help="benchmarks, or with --quick runs/benchmarks")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - {*CASES, *PARTS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join((*CASES, *PARTS))}")
    return arguments


def main() -> None:
    arguments = parse()
    folder = arguments.output or (ROOT / "runs" / "benchmarks" if arguments.quick else Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        kinds = data_folder(arguments.data_dir, scratch / "data")
        results = json.loads(file.read_text()) if file.exists() else {}
        here = machine(arguments.threads, kinds)
        if results.get("machine") != here:
            results = {"machine": here}

        def keep(name: str, taken: Any) -> None:
            (results.setdefault("steps", {}) if name in CASES else results)[name] = rounded(taken)
            results["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
            file.write_text(json.dumps(results, indent=1))

        measured(arguments.what or [*CASES, *PARTS], arguments, keep, scratch)
    report.write(results, folder)
    print(report.markdown(results))


if __name__ == "__main__":
    main()
