"""Reading the runs that a user names, each once."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.rundir.names import RUNS, find_runs, is_store
from seqrun.rundir.reading import RunRecord, read_found_run
from seqrun.rundir.sections import Sections


def read_runs(
    given: Iterable[str | os.PathLike[str]],
    skipped: Callable[[str], None],
    runs_dir: Path = RUNS,
    purpose: str = "compare",
) -> list[RunRecord]:
    """Return the runs that are called so (see `find_runs`), each once; of what is no run, `skipped` is told the reason.

    A logger's store beside runs, which `runs/*` means too, is passed over without a word. Raises UsageError if nothing
    is called so, or if no run is left.
    """
    found: dict[tuple[int, int], RunRecord] = {}
    sections = Sections()
    with without_collections():
        for path in [path for name in given for path in find_runs(name, runs_dir)]:
            if is_store(path):
                continue
            try:
                run = read_found_run(path, of_several=True, read=sections.read)
                place = run.path.stat()
            except UsageError as error:
                skipped(str(error))
            except OSError as error:
                skipped(f"{path}: cannot be read: {error.strerror}")
            else:
                found.setdefault((place.st_dev, place.st_ino), run)
    if not found:
        raise UsageError(f"there is no run to {purpose}")
    return list(found.values())


@contextmanager
def without_collections() -> Iterator[None]:
    """Let Python look for no garbage inside the block: all that is read is kept, and to look takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
