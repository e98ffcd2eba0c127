"""Runs the benchmarks and writes their results.

    python -m benchmarks [--quick] [--device cpu|gpu] [--minutes M] [--data-dir DIR] [--output DIR] [WHAT...]

WHAT are cases (lstm, gru, ...), growth, startup, memory and job; by default all, on a GPU cases, growth and job.
Results are kept in OUTPUT/results.json, and shown in OUTPUT/README.md and results.png; a result replaces the one of
the same machine, versions and data, and no other. Exit code 1: something could not be measured; 2: there is no such
device.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import report
from benchmarks.budget import Budget
from benchmarks.cases import CASES, ROOT
from benchmarks.conditions import NoCard, check_card, machine
from benchmarks.data import data_folder
from benchmarks.kept import Kept
from benchmarks.measuring import DEFAULT, WHOLE, Measuring, files, weight
from benchmarks.rounds import MODULES
from seqrun.rundir.environment import environment

Keep = Callable[[str, Any], None]


def told(text: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {text}", flush=True)


def measured(what: Sequence[str], measuring: Measuring, budget: Budget, keep: Keep) -> dict[str, str]:
    """Measure each part and hand it on at once; return what could not be measured, or not whole, with the reason.

    A part that fails leaves the others to be measured.
    """
    missed: dict[str, str] = {}
    plans = {part: measuring.plan(part) for part in what if part in CASES}
    if measuring.device == "gpu":  # with cores enough to read all data at once
        for plan in plans.values():
            measuring.prepare(plan)
    following = dict(zip(plans, [*plans.values()][1:], strict=False))
    for part in what:
        limit = budget.share(part)
        if limit == 0:
            missed[part] = "there was no time left"
            continue
        told(part if limit is None else f"{part}, in {limit:.0f} s")
        try:
            if part in plans:
                taken = measuring.steps(plans[part], limit, following.get(part))
            else:
                taken = measuring.part(part, limit)
        except RuntimeError as error:  # what was known of the part stays
            missed[part] = str(error)
            continue
        finally:
            if part in plans:
                measuring.end(plans[part])
        keep(part, taken)
        missed |= {f"{part}, {side}": why for side, why in taken.get("missed", {}).items()}
    return missed


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join((*CASES, *WHOLE)))
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it works, not how fast it is")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="where the networks train (cpu)")
    parser.add_argument("--minutes", type=float, help="at most so many, shared among the parts (no limit)")
    parser.add_argument("--sides", default="", metavar="A,B", help="only these sides, such as fit,seqrun (all)")
    parser.add_argument("--threads", type=int, default=environment()["cpu"]["count"], help="of each side (all cores)")
    parser.add_argument("--epochs", type=int, default=3, help="of the whole job (3)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SEQRUN_DATA_DIR"), help="published files")
    parser.add_argument(
        "--torch-libraries", default="", metavar="DIRS", help="LD_LIBRARY_PATH of PyTorch's sides on a GPU (none)"
    )
    parser.add_argument("--add", type=Path, metavar="FILE", help="a results.json from elsewhere; measure nothing")
    parser.add_argument("--output", type=Path, help="benchmarks; with --quick or --sides runs/benchmarks")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - {*CASES, *WHOLE}:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join((*CASES, *WHOLE))}")
    arguments.sides = tuple(side.strip() for side in arguments.sides.split(",") if side.strip())
    if unknown := set(arguments.sides) - {*MODULES}:
        parser.error(f"there is no side {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    if arguments.device == "gpu" and not arguments.add:
        try:
            check_card(arguments.torch_libraries)
        except NoCard as error:
            parser.error(str(error))  # exit code 2
    return arguments


def main() -> int:
    started = time.monotonic()
    arguments = parse()
    partial = arguments.quick or arguments.sides  # no results to publish
    folder = arguments.output or (ROOT / "runs" / "benchmarks" if partial else Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    kept = Kept.read(folder / "results.json")
    if arguments.add:
        kept.add(Kept.read(arguments.add))
        missed = {}
    else:
        missed = run(arguments, kept, started)
    if kept.settings:
        report.write(kept, folder)
        print(report.markdown(kept))
    for part, why in missed.items():
        print(f"not measured, or not whole: {part}: {why}", file=sys.stderr)
    return int(bool(missed))


def run(arguments: argparse.Namespace, kept: Kept, started: float) -> dict[str, str]:
    """Measure what was asked for and keep it; return what could not be measured, or not whole, with the reason."""
    device, threads = arguments.device, arguments.threads
    what = arguments.what or DEFAULT[device]
    seconds = None if arguments.minutes is None else started + 60 * arguments.minutes - time.monotonic()
    budget = Budget(seconds, {part: weight(part, device) for part in what})
    here = machine(device, threads)
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        data_dir = scratch / "data"
        kinds = data_folder(arguments.data_dir, data_dir)
        options = (arguments.quick, arguments.epochs, arguments.sides, arguments.torch_libraries)
        measuring = Measuring(device, threads, data_dir, scratch, *options)
        try:
            return measured(
                what,
                measuring,
                budget,
                lambda part, taken: kept.keep(here, part, {file: kinds[file] for file in files(part)}, taken),
            )
        finally:
            measuring.end()


if __name__ == "__main__":
    sys.exit(main())
