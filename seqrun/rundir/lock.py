"""A run directory's lock: held while its process lives, so that a reader can tell a live run from one that is gone.

The kernel drops the lock when the process ends, however it ends; a process number would outlive it and be reused.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import BinaryIO

from seqrun.errors import UsageError

NAME = ".lock"
_PATIENCE = 0.5  # seconds; a reader holds the lock for microseconds while it looks


def take(run: Path) -> BinaryIO:
    """Take the run's lock, which the returned file holds until it is closed; raise UsageError if another process has
    it.
    """
    file = (run / NAME).open("ab")
    give_up = time.monotonic() + _PATIENCE
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
        file = (run / NAME).open("rb")
    except FileNotFoundError:  # a copy that left hidden files behind
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
