"""`log.txt`: what the user saw. A full disk may cost it lines, and the run nothing."""

from __future__ import annotations

import os
from pathlib import Path

from seqrun.machine import opener

NAME = "log.txt"


class Log:
    """Appends lines to a file. Those that cannot be written are counted, and told in their place as soon as it can."""

    def __init__(self, path: Path):
        descriptor = opener.open_descriptor(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        # Unbuffered: what a buffer keeps of a failed write would fail again on closing.
        self._file = os.fdopen(descriptor, "ab", buffering=0)
        self._missing = 0
        self._reason = ""

    def write(self, line: str) -> None:
        """Append a line."""
        gap = f"\n({self._missing} lines are missing here: {self._reason})\n" if self._missing else ""
        rest = f"{gap}{line}\n".encode(errors="backslashreplace")
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._missing += 1
            self._reason = error.strerror or str(error)
        else:
            self._missing = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()
