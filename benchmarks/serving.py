"""`seqrun serve` under load, against the same Keras model behind plain FastAPI, one request at a time.

    python -m benchmarks.serving [--requests N] [--clients N] [--rounds N] [--output FILE.json]

The network is that of imdb_lstm. First each side answers the same requests, in turns; then seqrun answers 10,000 while
it is stopped by SIGTERM and started again, and every answer is compared with what the run predicts of that text alone.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.cases import ROOT
from benchmarks.load import PATIENCE, Loaded, load
from benchmarks.rounds import QUIET

CONFIG = ROOT / "configs" / "smoke" / "lstm.yaml"
SETTINGS = (  # the sizes of imdb_lstm: what it has learned is of no matter here
    "trainer.epochs=1",
    "dataset.max_len=128",
    "architecture.embedding_dim=64",
    "architecture.units=32",
)
PLAIN = Path(__file__).with_name("plain_fastapi.py")
NEAR = 1e-6
FEW = 150  # requests that the slow sides are asked


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def commands(run: Path, port: int) -> dict[str, list[str]]:
    """Side -> the command that serves the run."""
    plain = [sys.executable, str(PLAIN), str(run), str(port)]
    seqrun = [sys.executable, "-m", "seqrun", "serve", str(run), "--port", str(port)]
    return {
        "FastAPI, model.predict": [*plain, "predict"],
        "FastAPI, model(x)": [*plain, "call"],
        "seqrun serve": seqrun,
    }


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a server, which is ready inside the block; SIGTERM ends it."""
    environment = {**os.environ, **QUIET, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when the server answers a first request."""
    until = time.monotonic() + PATIENCE
    while True:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{process.args} does not serve: {process.returncode}")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    load(f"http://127.0.0.1:{port}", [{"text": "a film"}], 1)


def restarted(command: Sequence[str], port: int, bodies: Sequence[dict[str, Any]], clients: int) -> tuple[Loaded, int]:
    """What comes of requests while, after a third of them, the server is stopped by SIGTERM and started again.

    Also its exit code.
    """
    progress, codes = [0], []
    found: list[Loaded] = []
    with serving(command, port) as first:
        asking = threading.Thread(
            target=lambda: found.append(load(f"http://127.0.0.1:{port}", bodies, clients, progress))
        )
        asking.start()
        while progress[0] < len(bodies) // 3:
            time.sleep(0.005)
        first.send_signal(signal.SIGTERM)
        codes.append(first.wait(PATIENCE))
    with serving(command, port):
        asking.join()
    return found[0], codes[0]


def lost(found: Loaded, run: Path, texts: Sequence[str]) -> int:
    """How many requests have no answer, or another than the run predicts of their text."""
    from seqrun.inference.questions import read_question
    from seqrun.inference.request import Request
    from seqrun.inference.saved import read_saved
    from seqrun.rundir.reading import read_run

    wanted = read_question(read_saved(read_run(run)), Request(texts=tuple(texts))).answer().columns
    names = [name for name in wanted if name.startswith("probability")]
    right = 0
    for number, answer in found.answers.items():
        [row] = answer["predictions"]
        near = all(abs(row[name] - wanted[name][number]) < NEAR for name in names)
        right += near and row["text"] == texts[number]
    return len(texts) - right


def compared(run: Path, texts: Sequence[str], clients: int, rounds: int) -> dict[str, dict[str, float]]:
    """Side -> the medians of its figures; each is asked the same, in turns."""
    taken: dict[str, list[dict[str, float]]] = {}
    bodies = [{"text": text} for text in texts]
    for number in range(rounds):
        port = free_port()
        sides = commands(run, port)
        for side in sides if number % 2 else reversed(sides):
            with serving(sides[side], port):
                is_slow = side != "seqrun serve"
                load(f"http://127.0.0.1:{port}", bodies[: clients // 4 if is_slow else 2 * clients], clients)
                found = load(f"http://127.0.0.1:{port}", bodies[:FEW] if is_slow else bodies, clients)
            if found.errors:
                raise RuntimeError(f"{side}: {found.errors}")
            taken.setdefault(side, []).append(found.told())
            print(side, found.told(), flush=True)
    return {side: {name: median(each[name] for each in told) for name in told[0]} for side, told in taken.items()}


def words(count: int) -> list[str]:
    """So many different texts of the lengths of short reviews."""
    known = "the a film story was and of good bad actor plot scene fine dull never again best time one see".split()  # noqa: SIM905
    chosen = ([known[(number * 7 + place**2) % len(known)] for place in range(60)] for number in range(count))
    return [f"{number} {' '.join(each)}" for number, each in enumerate(chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, help="a JSON file for the results")
    arguments = parser.parse_args()
    with TemporaryDirectory() as temporary:
        train = [sys.executable, "-m", "seqrun", "train", str(CONFIG), "--runs-dir", temporary, "--progress", "none"]
        settings = [part for setting in SETTINGS for part in ("--set", setting)]
        done = subprocess.run([*train, *settings], check=True, capture_output=True, text=True)
        run, texts = Path(done.stdout.strip()), words(arguments.requests)
        figures = compared(run, texts, arguments.clients, arguments.rounds)
        port = free_port()
        found, code = restarted(
            commands(run, port)["seqrun serve"], port, [{"text": text} for text in texts], arguments.clients
        )
        restart = {"requests": len(texts), "lost": lost(found, run, texts), "again": found.again, "exit_code": code}
    results = {"clients": arguments.clients, "figures": figures, "restart": restart}
    print(json.dumps(results, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
