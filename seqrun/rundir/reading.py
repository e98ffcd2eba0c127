"""Reading a run directory, while it is written or long after. Loads no numpy, pandas or YAML."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from seqrun.errors import UsageError
from seqrun.rundir import history, lock, names, record_shape
from seqrun.rundir.json_files import damaged, read_bounded, read_json
from seqrun.rundir.shapes import Fields

T = TypeVar("T")

RECORD, HISTORY, METRICS = names.RECORD, "history.csv", "metrics.json"
EXAMPLES, WEIGHTS = "artifacts/examples.json", "model.weights.h5"
REPRODUCES = "reproduces"  # of run.json: the run that this one trained again
TAGS = "tags"  # of run.json, once `seqrun tag` has changed those of the config
LARGEST_HISTORY = 256_000_000  # bytes

Read = Callable[[str, Fields], dict[str, Any]]  # a JSON file of this shape -> what it holds


@dataclass(frozen=True)
class RunRecord:
    """A run as a reader sees it."""

    path: Path
    record: dict[str, Any]  # run.json
    metrics: dict[str, Any] | None  # metrics.json; None before the run has been measured
    history: list[history.Row]  # a row an epoch
    status: str  # running, finished, failed, interrupted or diverged
    damaged: tuple[tuple[str, str], ...] = ()  # a file, and why it counts as missing; see `read_what_can_be`

    @property
    def tags(self) -> list[str]:
        """The user's labels of the run: those of its config, until `seqrun tag` has changed them."""
        return [*self.record.get(TAGS, self.record.get("config", {}).get("tags") or ())]


def read_run(path: str | Path, *, of_several: bool = False) -> RunRecord:
    """Return the run in a directory, the run that a file such as `RUN/config.yaml` belongs to, or that of a name.

    What a run may be called beside its path, `find_run` says; such names are looked for in `runs/`.

    `of_several` says that the user may name more than one run: the error then says how to name all runs of a folder.

    A run recorded as `running` whose process is gone reads as `interrupted`. Raises UsageError, saying what is missing,
    for a directory that is no run or a damaged one.
    """
    return read_found_run(names.find_run(path), of_several=of_several)


def read_found_run(path: Path, *, of_several: bool = False, read: Read = read_json, whole: bool = True) -> RunRecord:
    """Return the run at a path, else as `read_run`; `read` is what reads its JSON files.

    Unless it is to be `whole`, all but run.json may be damaged.
    """
    try:
        try:
            return _read(path, of_several, read, whole)
        except NotADirectoryError:
            if path.is_dir():  # what is wrong is a link in it
                raise
            return _read(_run_of(path), of_several, read, whole)
    except OSError as error:
        raise UsageError(f"{error.filename or path}: cannot be read: {error.strerror}") from None


def read_what_can_be(path: str | Path) -> RunRecord:
    """Return the run that is called so; a damaged history.csv or metrics.json counts as missing, and `damaged` says it.

    Else as `read_run`.
    """
    return read_found_run(names.find_run(path), whole=False)


def _run_of(file: Path) -> Path:
    """Return the run directory that a file lies in."""
    if not (file.parent / RECORD).is_file():
        raise UsageError(f"{file}: neither a run directory nor a file in one")
    return file.parent


def _read(path: Path, of_several: bool, read: Read, whole: bool) -> RunRecord:
    record = _read_record(path, of_several, read)
    status = record["status"]
    if status == "running" and not lock.is_held(path):
        record = _read_record(path, of_several, read)  # it may have ended, properly, between the two looks
        status = "interrupted" if record["status"] == "running" else record["status"]
    if whole:
        return RunRecord(path, record, _read_metrics(path, read), _read_history(path), status)
    metrics, no_metrics = _unless_damaged(lambda: _read_metrics(path, read), path / METRICS)
    rows, no_rows = _unless_damaged(lambda: _read_history(path), path / HISTORY)
    return RunRecord(path, record, metrics, rows or [], status, (*no_metrics, *no_rows))


def _unless_damaged(read: Callable[[], T], file: Path) -> tuple[T | None, tuple[tuple[str, str], ...]]:
    """Return what is read from the file; None for a damaged one, with its name and what is wrong with it."""
    try:
        return read(), ()
    except UsageError as error:
        return None, ((file.name, str(error)),)
    except OSError as error:
        return None, ((file.name, f"{file}: cannot be read: {error.strerror}"),)


def _read_record(path: Path, of_several: bool, read: Read) -> dict[str, Any]:
    """Return the content of `run.json`; raise UsageError if the directory has none."""
    try:
        return read(_inside(path, RECORD), record_shape.RECORD)
    except FileNotFoundError:
        if os.path.lexists(path / RECORD):  # a link to nothing is an error of its own, not a run without
            raise
    if (path / lock.NAME).exists():
        state = "its process is still preparing it" if lock.is_held(path) else "it was stopped before it began"
        raise UsageError(f"{path}: a run without {RECORD}: {state}")
    holds_runs = any(path.glob(f"*/{RECORD}"))
    wanted = f"give {path / '*'}" if of_several else "name one of them"
    hint = f" (it holds runs: {wanted})" if holds_runs else ""
    raise UsageError(f"{path}: no run: it has no {RECORD}{hint}")


def _read_metrics(path: Path, read: Read) -> dict[str, Any] | None:
    try:
        return read(_inside(path, METRICS), record_shape.METRICS)
    except FileNotFoundError:
        return None


def _read_history(path: Path) -> list[history.Row]:
    try:
        rows = history.from_csv(read_bounded(_inside(path, HISTORY), LARGEST_HISTORY).decode("utf-8"))
        record_shape.check_rows(rows)
    except FileNotFoundError:
        return []
    except (ValueError, OverflowError, csv.Error) as error:
        raise damaged(path / HISTORY, error) from None
    return rows


def _inside(run: Path, name: str) -> str:
    """Return the path of a run's file as text: a Path takes longer to make than such a file to read."""
    return f"{run}{os.sep}{name}"
