"""A quick look at the files that a config names, before anything is read in full."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seqrun.errors import MissingData
from seqrun.machine.opener import why_not
from seqrun.spelling import suggest


def path_problems(path: Path | None) -> Iterator[MissingData]:
    """Yield why the file or folder of `dataset.path` cannot be opened; nothing if it can, or if none is named."""
    where = ("dataset", "path")
    if path is None:
        return
    if not os.access(path, os.F_OK):
        yield MissingData(where, f"there is no file or folder {path}{_near(path)}")
    elif not os.access(path, os.R_OK):
        yield MissingData(where, f"there is no permission to read {path}")
    elif reason := why_not(path):
        yield MissingData(where, f"{path} {reason}")


def _near(missing: Path) -> str:
    """Return what a missing path was probably meant to be: " (did you mean reviews.csv?)"."""
    above = missing.parent
    if not above.is_dir():
        return f" (there is no directory {above})"
    return suggest(missing.name, (child.name for child in above.iterdir()))
