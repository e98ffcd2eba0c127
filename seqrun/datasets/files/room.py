"""Whether what a file holds fits into the memory that there is."""

from __future__ import annotations

import sys

from seqrun.errors import DataError
from seqrun.machine.memory import available_bytes
from seqrun.readable import size


def room() -> int:
    """Return how many bytes may be read: those that this process can still use, or any number if nobody says."""
    available = available_bytes()
    return sys.maxsize if available is None else available


def check_room(what: str, needed: int) -> None:
    """Raise DataError, with both figures, if `what` needs more bytes than there are."""
    if needed > (there := room()):
        raise DataError(f"{what} needs {size(needed)} of memory, and {size(there)} are there")
