"""A process of one side: takes jobs, and runs a turn of training on one for every line that it reads.

    python -m benchmarks.worker keras_fit|pytorch[:fused][:compiled][:bfloat16]|seqrun_train|floor

It says `ready` when its libraries are imported. A line is the path of a pickled job, which it builds and warms up with
a turn of its own; or `turn`; or `end`, of a job. It answers the first two with a line of JSON: the seconds of the turn,
the network's parameters, and the peak of memory so far in MB, of the process on a CPU and of the device on a GPU.
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

from benchmarks.cases import Job
from benchmarks.peak import host_mb


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    module, *options = sys.argv[1].split(":")
    side = importlib.import_module(f"benchmarks.{module}")
    job: Job
    print(json.dumps("ready"), file=answers)

    def turns(parameters: int) -> Generator[None, float | None, None]:
        """Yields once for each turn; its seconds are those that pass, unless others are sent."""
        line = "turn"
        while line == "turn":
            started = time.perf_counter()
            sent = yield
            seconds = time.perf_counter() - started if sent is None else sent
            mb = side.device_mb() if job.device == "gpu" else host_mb()
            print(json.dumps({"seconds": seconds, "parameters": parameters, "mb": mb}), file=answers)
            line = sys.stdin.readline().strip()

    while path := sys.stdin.readline().strip():
        job = pickle.loads(Path(path).read_bytes())
        side.train(job, turns, **dict.fromkeys(options, True))


if __name__ == "__main__":
    main()
