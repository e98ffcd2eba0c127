"""A process that reads damaged files, one after another, and says how each ended: what kills it kills no test.

python -m fuzz.child KIND FIRST COUNT FOLDER reads the files of these seeds, and prints a line of JSON before each
({"seed": n}) and one for each that did not end as it should ({"seed": n, "fault": why}).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from random import Random

from fuzz.files import KINDS, Kind

from seqrun.errors import SeqrunError

ROOM = 1_000_000_000  # bytes of memory beside those that are taken before the first file is read
SLACK = 100_000_000  # bytes that may be taken for good whatever the file, by libraries
GROWTH = 10  # times the file's size that reading it may take beyond that
SECONDS = 1.0  # of the processor


def main(name: str, first: int, count: int, folder: Path) -> None:
    kind = KINDS[name]
    path = folder / kind.file
    path.write_bytes(kind.whole[0])
    kind.read(path)  # which imports what it needs, and must do so
    limit_memory()
    before = peak()
    for seed in range(first, first + count):
        print(json.dumps({"seed": seed}), flush=True)
        random = Random(seed)
        content = kind.damaged(random.choice(kind.whole), random)
        path.write_bytes(content)
        if fault := fault_of(kind, path, before + SLACK + GROWTH * len(content)):
            print(json.dumps({"seed": seed, "fault": fault}), flush=True)


def fault_of(kind: Kind, path: Path, most: int) -> str | None:
    """What is wrong with how the reading of a file ended; None if it was read or refused in words, soon."""
    started = time.process_time()
    try:
        kind.read(path)
    except SeqrunError as error:
        if not str(error).strip():
            return "an error without words"
    except Exception as error:
        return "".join(traceback.format_exception(error)[-4:])
    if (seconds := time.process_time() - started) > SECONDS:
        return f"took {seconds:.1f} s"
    return f"took {peak() - most:,} bytes more than it may" if peak() > most else None


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + ROOM,) * 2)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
