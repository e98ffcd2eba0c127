"""Reading the runs that a user names, each once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.rundir.names import RUNS, find_runs
from seqrun.rundir.reading import RunRecord, read_run


def read_runs(
    given: Iterable[str | os.PathLike[str]],
    skipped: Callable[[str], None],
    runs_dir: Path = RUNS,
    purpose: str = "compare",
) -> list[RunRecord]:
    """Return the runs that are called so (see `find_runs`), each once; of what is no run, `skipped` is told the reason.

    Raises UsageError if nothing is called so, or if no run is left.
    """
    found: dict[Path, RunRecord] = {}
    for path in [path for name in given for path in find_runs(name, runs_dir)]:
        try:
            run = read_run(path, of_several=True)
        except UsageError as error:
            skipped(str(error))
        else:
            found.setdefault(run.path.resolve(), run)
    if not found:
        raise UsageError(f"there is no run to {purpose}")
    return list(found.values())
