"""Files and folders that may be meant: run directories, configs, templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seqrun.completion.line import Candidate, Line
from seqrun.rundir.names import RUNS, TRASH, experiments_in, runs_in

LATEST = "@latest"
MOST = 1000  # runs that are offered
YAML = (".yaml", ".yml")


def runs(line: Line) -> Iterator[Candidate]:
    """Yield what the runs in `runs/` may be called: `@latest`, their directories' names, the newest first, and
    `NAME@latest` of each experiment; of a path, the runs in that folder. After `--restore` they are those in the trash.
    """
    folder, slash, _ = line.incomplete.rpartition("/")
    where = Path(folder or "/") if slash else RUNS
    found = runs_in(where / TRASH if "--restore" in line.words else where)[:MOST]
    if slash:
        yield from line.fitting(f"{folder}/{run.name}" for run in found)
    else:
        named = [f"{name}{LATEST}" for name in experiments_in(found)]
        yield from line.fitting([LATEST, *(run.name for run in found), *named] if found else [])
    if not (slash and found):
        yield from folders(line)


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
