"""Files that are being written beside their final place: each is locked by its process, and so known to be of a living
one.

The kernel releases the lock when the process ends, however it ends; the number in the name would be reused.
"""

from __future__ import annotations

import fcntl
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

ENDING = ".part"


@contextmanager
def new_part(target: Path, kind: str = "") -> Iterator[BinaryIO]:
    """Yield a new file `TARGET.PID.part` to fill, and to rename to the target; it is removed if it was not renamed."""
    path = target.with_name(f"{target.name}.{os.getpid()}{kind}{ENDING}")
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        while not path.exists():  # another process took it for abandoned before it was locked
            file.close()
            file = path.open("wb")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        file.close()
        with suppress(OSError):  # it may be that the folder cannot even be read
            path.unlink(missing_ok=True)


def finish(part: BinaryIO, target: Path) -> None:
    """Give the part, whole now, the target's name."""
    part.flush()
    os.fsync(part.fileno())
    Path(part.name).replace(target)


def remove_abandoned(target: Path) -> None:
    """Remove the target's parts of processes that have ended, as far as that is allowed."""
    for path in target.parent.glob(f"{glob.escape(target.name)}.*{ENDING}"):
        with suppress(OSError), path.open("rb+") as file:  # one that is locked raises BlockingIOError
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
