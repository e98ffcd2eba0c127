"""A run directory's lock: held while the run's process lives, so that readers can tell whether a run is still going on.

The kernel releases the lock when the process ends, however it ends. A process number would outlive it and be reused.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import BinaryIO

from seqrun.errors import UsageError
from seqrun.machine import opener

NAME = ".lock"
_PATIENCE = 0.5  # seconds; a reader holds the lock for microseconds while it looks


def take(run: Path, name: str = NAME, patience: float = _PATIENCE) -> BinaryIO:
    """Take the run's lock and return the file that holds it until closed; raise UsageError if it is taken.

    Another `name` is another lock; `patience` is how many seconds it is waited for.
    """
    file = os.fdopen(opener.open_descriptor(run / name, os.O_RDWR | os.O_CREAT), "r+b")
    give_up = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > give_up:
                file.close()
                raise UsageError(f"{run}: another process is working on this run") from None
            time.sleep(0.01)


def is_held(run: Path) -> bool:
    """Return whether a process is working on the run."""
    try:
        file = opener.open_file(run / NAME)
    except FileNotFoundError:  # a copy that left hidden files behind
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
