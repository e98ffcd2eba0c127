"""Paths that a config names."""

from __future__ import annotations

import difflib
import os
from contextlib import suppress
from pathlib import Path


def absolute(path: Path, directory: Path) -> Path:
    """The path from the root; a relative one starts in `directory`, and ~ is a user's home."""
    with suppress(RuntimeError):  # of a user who is not there: whoever opens the path reports it as it was written
        path = path.expanduser()
    return Path(os.path.normpath(directory / path))


def near_files(missing: Path) -> str:
    """ " (did you mean other.yaml?)" for the nearest file name in the same directory, or nothing."""
    if not missing.parent.is_dir():
        return f" (there is no directory {missing.parent})"
    names = [entry.name for entry in os.scandir(missing.parent) if entry.is_file()]
    near = difflib.get_close_matches(missing.name, names, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
