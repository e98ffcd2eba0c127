"""`seqrun compare` over thousands of run directories: seconds and memory, with a damaged run among them.

    python -m benchmarks.many_runs SOURCE_RUN... [--runs N] [--folder DIR] [--rounds N]

Each source is a finished run; from them are made runs of other seeds, learning rates and batch sizes, whose figures
differ at random. `compare` then reads them all, `--rounds` times, and the median of its seconds is told.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

SEEDS = 5
STARTED = datetime(2026, 1, 1, tzinfo=UTC)
DAMAGED = b'{"status": "finished", "config": {'


def make(sources: Sequence[Path], folder: Path, count: int) -> None:
    """Write `count` run directories into the folder, in turn like each of the sources; the last is damaged."""
    drawn = random.Random(0)
    records = [(json.loads((path / "run.json").read_bytes()), path) for path in sources]
    for number in range(count):
        record, path = records[number // SEEDS % len(records)]
        variant = number // SEEDS // len(records)
        run = folder / f"{STARTED + timedelta(seconds=number):%Y%m%d-%H%M%S}_{record['name']}"
        run.mkdir()
        (run / ".lock").touch()
        changed = {**record, **_varied(record, variant, number % SEEDS), "started": _time(number)}
        (run / "run.json").write_text(json.dumps(changed, indent=2), "utf-8")
        (run / "history.csv").write_bytes((path / "history.csv").read_bytes())
        metrics = _moved(json.loads((path / "metrics.json").read_bytes()), drawn)
        (run / "metrics.json").write_text(json.dumps(metrics, indent=2), "utf-8")
    (run / "run.json").write_bytes(DAMAGED)


def _varied(record: dict[str, Any], variant: int, seed: int) -> dict[str, Any]:
    trainer = {**record["config"]["trainer"], "batch_size": 16 + variant}
    return {"seed": seed, "config": {**record["config"], "trainer": trainer, "seed": seed}}


def _time(number: int) -> str:
    return (STARTED + timedelta(seconds=number)).isoformat()


def _moved(metrics: dict[str, Any], drawn: random.Random) -> dict[str, Any]:
    """Return the metrics with those of the test split moved a little, as another seed would have them."""
    test = {name: value if value is None else value * drawn.gauss(1, 0.01) for name, value in metrics["test"].items()}
    return {**metrics, "test": test}


def measure(folder: Path) -> tuple[float, float, float]:
    """Return the seconds, the seconds of processor time, and the largest resident size in MB of one `compare`."""
    runs = sorted(map(str, folder.iterdir()))
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "seqrun", "compare", *runs], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("compare failed")
    scale = 1024 if sys.platform != "darwin" else 1
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss * scale / 1e6


def main() -> None:
    """Make the runs, compare them and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the runs there, or use those that are there")
    given = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not any(folder.iterdir()):
            make(given.sources, folder, given.runs)
        found = [measure(folder) for _ in range(given.rounds)]
    wall, processor, memory = (median(column) for column in zip(*found, strict=True))
    print(f"{given.runs:,} runs: {wall:.2f} s ({processor:.2f} s of processor time), {memory:.0f} MB")


if __name__ == "__main__":
    main()
