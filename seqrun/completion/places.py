"""Files and folders that may be meant: run directories, configs, templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seqrun.completion.line import Candidate, Line
from seqrun.rundir.reading import RECORD

RUNS = "runs"  # where runs are if nothing says otherwise
LATEST = "@latest"
MOST = 1000  # runs that are offered
YAML = (".yaml", ".yml")


def runs(line: Line) -> Iterator[Candidate]:
    """Yield `@latest`, then the names of the runs in `runs/`, the newest first; of a path, the runs in that folder."""
    folder, slash, _ = line.incomplete.rpartition("/")
    if slash:
        found = [f"{folder}/{name}" for name in run_names(folder or "/")]
        yield from line.fitting(found[:MOST])
        yield from () if found else folders(line)
        return
    found = run_names(RUNS)[:MOST]
    yield from line.fitting([LATEST, *found] if found else [])
    yield from folders(line)


def run_names(folder: str) -> list[str]:
    """Return the names of the run directories in a folder, the newest first: names begin with the time; no trash."""
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if _is_run(entry)]
    except OSError:  # there is no such folder
        return []
    return sorted(found, reverse=True)


def _is_run(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and Path(entry.path, RECORD).is_file()


def configs(line: Line) -> Iterator[Candidate]:
    """Yield the YAML files and the folders that may hold some."""
    return paths(line, YAML)


def folders(line: Line) -> Iterator[Candidate]:
    """Yield the folders below which something may be meant."""
    return paths(line, ())


def paths(line: Line, endings: tuple[str, ...] | None) -> Iterator[Candidate]:
    """Yield folders, which end in a slash, and the files with these endings (None: all); hidden ones if asked for."""
    folder, slash, beginning = line.incomplete.rpartition("/")
    try:
        with os.scandir(os.path.expanduser(f"{folder}/") if slash else ".") as entries:  # noqa: PTH111 (~ alone too)
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:  # there is no such folder
        return
    for name, is_folder in found:
        hidden = name.startswith(".") and not beginning.startswith(".")
        if name.startswith(beginning) and not hidden and name.isprintable():
            if is_folder:
                yield Candidate(f"{folder}{slash}{name}/")
            elif endings is None or name.endswith(endings):
                yield Candidate(f"{folder}{slash}{name}")


def templates(line: Line) -> Iterator[Candidate]:
    """Yield the names of the configs to start from."""
    from seqrun.config.templates import templates as named

    return line.fitting(named())
