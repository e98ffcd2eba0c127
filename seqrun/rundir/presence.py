"""Whether a run directory is still where it was made, with its lock, while its process writes in it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from seqrun.errors import SeqrunError, UsageError
from seqrun.rundir import lock


class RunDirectoryGone(SeqrunError):
    """The directory of a run that is going on was removed or renamed, or is worked on by another process."""


class Presence:
    """A run directory that is held open and locked; `check` says whether its path still leads to it."""

    def __init__(self, path: Path):
        """Take the lock of the directory at `path`; raise UsageError if another process has it."""
        self.path = path
        with ExitStack() as opened:
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            opened.callback(os.close, self._folder)
            self._lock: BinaryIO = lock.take(path)
            self._opened = opened.pop_all()

    def is_there(self) -> bool:
        """Return whether the path still leads to the directory."""
        return _is_at(self.path, self._folder)

    def check(self) -> None:
        """Raise RunDirectoryGone unless the directory is there and this process the one that works on it.

        A lock whose file was removed is taken again, if no other process was quicker.
        """
        if not self.is_there():
            raise RunDirectoryGone(
                f"{self.path} was removed or renamed while the run was going on; nothing is written there any more: "
                "train again, and leave the directory until the run has ended"
            )
        if _is_at(self.path / lock.NAME, self._lock.fileno()):
            return
        if (self.path / lock.NAME).exists():
            raise RunDirectoryGone(f"{self.path}: its lock was replaced, so that another process may be working on it")
        try:
            again = lock.take(self.path)
        except UsageError as error:
            raise RunDirectoryGone(f"{error}: its lock file was removed while this one did") from None
        self._lock.close()
        self._lock = again

    def close(self) -> None:
        """Release the lock."""
        self._lock.close()
        self._opened.close()


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether the path leads to the file or folder that the descriptor has open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False
