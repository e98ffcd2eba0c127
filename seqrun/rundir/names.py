"""What a user may call a run: by its directory, the experiment's name, a beginning of either, or as @latest."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.machine import opener
from seqrun.readable import counted, listed_names
from seqrun.spelling import suggest

RECORD = "run.json"
RUNS = Path("runs")  # where runs are looked for
TRASH = ".trash"  # in a folder of runs; hidden: `runs/*` never matches it
MLFLOW_DB, MLFLOW_FILES = "mlflow.db", "mlartifacts"  # beside run directories: what the logger mlflow writes
STORES = re.compile(rf"mlruns|{MLFLOW_FILES}|{re.escape(MLFLOW_DB)}(-\w+)?")  # with a database's own files
LONGEST = 100  # characters of an experiment's name that its directories have
LARGEST_RECORD = 64_000_000  # bytes that are read of a record

_STAMP = re.compile(r"\d{8}-\d{6}(?=_)")  # when a run began, as its directory's name begins
_NUMBERED = re.compile(r"(.*)@(latest|\d{1,6})")
_NUMBER = re.compile(r"-\d+$")  # of runs that began in the same second


def in_directory(name: str) -> str:
    """Return the part of a run directory's name that tells the experiment's."""
    return re.sub(r"[^\w.-]+", "_", name)[:LONGEST]


def find_run(given: str | os.PathLike[str], runs_dir: Path = RUNS) -> Path:
    """Return the path of the run that is called so; that need not be a run, if it was given as a path.

    Besides a path that is: the name of a directory in `runs_dir`; the experiment's name, if one run has it; a beginning
    of either that is no other's; `@latest`, the newest run, `@2` the one before, and so on; `NAME@latest` and `NAME@2`
    among those of a name. A folder may stand in front, to look there: `other_runs/@latest`. Raises UsageError, with
    similar names, if there is none or more than one.
    """
    found = find_runs(given, runs_dir)
    if len(found) == 1:
        return found[0]
    names = listed_names([path.name for path in found])
    raise UsageError(f"{given}: {len(found)} runs are called so: {names}; the newest is {given}@latest")


def find_runs(given: str | os.PathLike[str], runs_dir: Path = RUNS) -> list[Path]:
    """Return the paths of all runs that are called so, as `find_run` has it, the newest first.

    Several runs have the name of one experiment, or one beginning. Raises UsageError if there is none.
    """
    text, path = os.fspath(given), Path(given)
    is_bare = path.name == text
    there = os.path.exists(path)  # noqa: PTH110 (of a name that no file can have, Path.exists raises an error)
    if there and (not is_bare or (path / RECORD).is_file()):
        return [path]
    folder, name = (runs_dir if is_bare else path.parent), path.name
    found = _numbered(text, name, folder) if name else []
    if found or there:
        return found or [path]
    near = suggest(name, dict.fromkeys(each for run in runs_in(folder) for each in (_told(run), run.name)))
    where = f", and no run in {folder}/ is called so" if is_bare else ""
    raise UsageError(f"{text}: no such run directory{where}{near}")


def runs_in(folder: Path) -> list[Path]:
    """Return the run directories in a folder, the newest first; hidden folders are none."""
    try:
        found = [path for path in folder.iterdir() if path.name[0] != "." and (path / RECORD).is_file()]
    except OSError:
        return []
    return sorted(found, key=_began, reverse=True)


def is_store(path: Path) -> bool:
    """Return whether a path beside run directories is a logger's store, which is no run and no damaged one."""
    return STORES.fullmatch(path.name) is not None and not (path / RECORD).exists()


def experiments_in(runs: Sequence[Path]) -> list[str]:
    """Return the names of the experiments that these run directories' names tell, each once, in their order."""
    names = {run.name for run in runs}
    return list(dict.fromkeys(_experiment(run, names) for run in runs))


def _began(run: Path) -> tuple[str, int, str]:
    """Return what sorts runs by when they began, which the directory's name says, or, if it was renamed, its record."""
    stamp = _STAMP.match(run.name)
    return (stamp[0] if stamp else _recorded_start(run), len(run.name) if stamp else 0, run.name)


def _recorded_start(run: Path) -> str:
    """Return when a run began as directories' names have it; "" if its record does not say so."""
    try:
        record = json.loads(opener.read_bytes(run / RECORD, LARGEST_RECORD))
        started = datetime.fromisoformat(record["started"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f"{started.astimezone(UTC):%Y%m%d-%H%M%S}"


def _told(run: Path) -> str:
    """Return the experiment's name as the run directory's name tells it, or all of that name without a time in it."""
    stamp = _STAMP.match(run.name)
    return run.name if stamp is None else run.name[stamp.end() + 1 :]


def _numbered(text: str, name: str, folder: Path) -> list[Path]:
    """Return the runs of a folder that are called so, or the one of them that @latest or @2 asks for."""
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        return _called(name, runs_in(folder))
    of, number = numbered[1], 1 if numbered[2] == "latest" else int(numbered[2])
    found = _called(of, runs_in(folder)) if of else runs_in(folder)
    if not 1 <= number <= len(found):
        called = f" called {of}" if of else ""
        last = "" if not found else f": {of}@latest to {of}@{len(found)}"
        raise UsageError(f"{text}: there are {counted(len(found), 'run')}{called} in {folder}/{last}")
    return [found[number - 1]]


def _called(name: str, runs: Sequence[Path]) -> list[Path]:
    """Return the runs whose directory is called so, else those of the experiment, else those that begin so."""
    if exact := [run for run in runs if run.name == name]:
        return exact
    wanted, names = in_directory(name), {run.name for run in runs}
    if of_experiment := [run for run in runs if wanted == _experiment(run, names)]:
        return of_experiment
    return [run for run in runs if run.name.startswith(name) or _told(run).startswith(wanted)]


def _experiment(run: Path, names: set[str]) -> str:
    """Return the experiment's name, without the number that tells runs of one second apart."""
    told = _told(run)
    number = _NUMBER.search(told)
    if number is None or run.name.removesuffix(number[0]) not in names:
        return told
    return told.removesuffix(number[0])
