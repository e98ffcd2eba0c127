"""The trash of a folder of runs, `runs/.trash/`: runs are moved there, moved back, and removed for ever."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.rundir import atomic, lock
from seqrun.rundir.names import RUNS, TRASH, find_run
from seqrun.rundir.reading import RECORD


def is_run(path: Path) -> bool:
    """Return whether the folder is a run's, be it damaged or stopped before it had begun."""
    return path.is_dir() and any((path / name).is_file() for name in (RECORD, lock.NAME))


def trash_of(run: Path) -> Path:
    """Return the folder to which a run is moved, which may not exist yet; UsageError for a run that is in it."""
    folder = run.resolve().parent
    if folder.name == TRASH:
        raise UsageError(f"{run}: is in the trash already; seqrun delete --empty-trash removes what is there")
    return folder / TRASH


def move_to_trash(run: Path) -> Path:
    """Move a run to the trash of its folder and return where it is now.

    Raises UsageError if a process is working on it, or if it cannot be moved.
    """
    run, trash = run.resolve(), trash_of(run)
    with _alone(run):
        trash.mkdir(exist_ok=True)
        target, number = trash / run.name, 1
        while os.path.lexists(target):
            number += 1
            target = trash / f"{run.name}-{number}"
        _renamed(run, target)
    return target


def restore(given: Path) -> Path:
    """Move a run back from the trash and return where it is.

    It is given by its path in the trash, by its former one, or, if it was in `runs/`, by what it is called (see
    `find_run`). Raises UsageError if it is not in the trash, or if there is another of its name.
    """
    is_bare = given.name == str(given)
    places = [given] if given.resolve().parent.name == TRASH else [given.parent / TRASH / given.name]
    places += [RUNS / TRASH / given] if is_bare else []
    inside = next((place for place in places if is_run(place)), None)
    if inside is None and is_bare and (RUNS / TRASH).is_dir():
        inside = find_run(RUNS / TRASH / given)
    if inside is None:
        raise UsageError(f"{given}: is not in the trash: there is no run {' or '.join(map(str, places))}")
    target = inside.resolve().parents[1] / inside.name
    if os.path.lexists(target):
        raise UsageError(f"{inside}: cannot be moved back: there is {target} already; rename that first")
    with _alone(inside):
        _renamed(inside.resolve(), target)
    return target


def in_trash(runs_dir: Path) -> list[Path]:
    """Return the runs in the trash of a folder of runs, in the order of their names."""
    return [path for path in sorted((runs_dir / TRASH).glob("*")) if is_run(path) and not path.is_symlink()]


def remove_for_ever(run: Path) -> None:
    """Remove a run; raise UsageError if a process is working on it, or if it cannot be removed."""
    with _alone(run):
        shutil.rmtree(run)


def folder_size(folder: Path) -> int:
    """Return how many bytes the files of a folder hold, those of the folders in it included."""
    files = (Path(above, name) for above, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files)


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Hold the run's lock during the block; raise UsageError if another process has it, or for an OSError."""
    try:
        with lock.take(run):
            yield
    except OSError as error:
        raise UsageError(f"{error.filename or run}: cannot be moved or removed: {error.strerror}") from None


def _renamed(run: Path, target: Path) -> None:
    run.rename(target)
    for folder in (run.parent, target.parent):
        atomic.sync_folder(folder)
