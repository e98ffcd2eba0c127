"""A process of one side: takes jobs, and runs a turn of training on one for every line that it reads.

    python -m benchmarks.worker keras_fit|pytorch|pytorch:fused|seqrun_train|floor

A line is the path of a pickled job, which it builds and warms up with a turn of its own; or `turn`; or `end`, of a job.
It answers the first two with a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
import time
from collections.abc import Generator
from pathlib import Path


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    module, *options = sys.argv[1].split(":")
    train = importlib.import_module(f"benchmarks.{module}").train

    def turns(parameters: int) -> Generator[None, float | None, None]:
        """Yields once for each turn; its seconds are those that pass, unless others are sent."""
        line = "turn"
        while line == "turn":
            started = time.perf_counter()
            sent = yield
            seconds = time.perf_counter() - started if sent is None else sent
            print(json.dumps({"seconds": seconds, "parameters": parameters}), file=answers)
            line = sys.stdin.readline().strip()

    while path := sys.stdin.readline().strip():
        train(pickle.loads(Path(path).read_bytes()), turns, **dict.fromkeys(options, True))


if __name__ == "__main__":
    main()
