"""Paths named in a config."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from seqrun.spelling import nearest


def absolute(path: Path, directory: Path) -> Path:
    """Return the absolute path: a relative one starts in `directory`, and ~ is the user's home."""
    with suppress(RuntimeError):  # of a user who is not there: whoever opens the path reports it as it was written
        path = path.expanduser()
    return Path(os.path.normpath(directory / path))


def unusable(path: Path) -> str | None:
    """Return why no file can have this path; None if one can."""
    try:
        os.lstat(path)
    except ValueError:
        return "no file can have this path: it holds a character that no file name can"
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            return f"no file can have this path: {error.strerror}"
    return None


def near_files(missing: Path) -> str:
    """Return " (did you mean other.yaml?)" for the config with the nearest name in the same directory, or ""."""
    if not missing.parent.is_dir():
        return f" (there is no directory {missing.parent})"
    # Compared without the ending, which would make any two short names alike.
    names = {entry.stem: entry.name for entry in missing.parent.iterdir() if entry.suffix in (".yaml", ".yml")}
    near = nearest(missing.stem, names)
    return f" (did you mean {names[near]}?)" if near else ""
