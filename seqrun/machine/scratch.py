"""Temporary folders, and what is written in them: where there is no room for that, an error says what would help."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqrun.errors import UsageError


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new temporary folder, which is removed afterwards; UsageError if none can be made."""
    with into_scratch():
        folder = tempfile.TemporaryDirectory()
    with folder as name:
        yield Path(name)


@contextmanager
def into_scratch() -> Iterator[None]:
    """Raise UsageError if what the block writes into a temporary folder cannot be written."""
    try:
        yield
    except OSError as error:  # where no folder can be written, it names those that were tried
        reason = error.strerror or error
        raise UsageError(f"a temporary folder cannot be written: {reason}; set TMPDIR to a folder with room") from None
