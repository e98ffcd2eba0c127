"""Reading the runs that a user names, each once."""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqrun.errors import UsageError
from seqrun.rundir.names import RUNS, find_runs, is_store
from seqrun.rundir.reading import RunRecord, read_found_run


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
    shared = _Shared()
    with _without_collections():
        for path in [path for name in given for path in find_runs(name, runs_dir)]:
            if is_store(path):
                continue
            try:
                run = read_found_run(path, of_several=True)
                place = run.path.stat()
            except UsageError as error:
                skipped(str(error))
            except OSError as error:
                skipped(f"{path}: cannot be read: {error.strerror}")
            else:
                found.setdefault((place.st_dev, place.st_ino), shared.in_run(run))
    if not found:
        raise UsageError(f"there is no run to {purpose}")
    return list(found.values())


class _Shared:
    """Values that stand in many records, each kept once: ten thousand runs have few environments and few data sets."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}

    def in_run(self, run: RunRecord) -> RunRecord:
        """Return the run, its record made of shared values where another run has equal ones."""
        record = {name: self._one(value) for name, value in run.record.items()}
        if "config" in record:
            record["config"] = {name: self._one(value) for name, value in record["config"].items()}
        metrics = run.metrics and {name: self._one(value) for name, value in run.metrics.items()}
        return replace(run, record=record, metrics=metrics)

    def _one(self, value: Any) -> Any:
        if type(value) is not dict and type(value) is not list:
            return value
        content = marshal.dumps(value, 2)  # version 2 writes equal values alike, and tells 1 from 1.0 and true
        return self._kept.setdefault(hashlib.blake2b(content, digest_size=16).digest(), value)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Let Python look for no garbage inside the block: all that is read is kept, and to look takes half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
