"""How a run ends before its time: what is kept and recorded of it, and what is told."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.errors import DivergedError, InterruptedRun, SeqrunError
from seqrun.events.events import Emit, Finished, Warned
from seqrun.machine.withheld import masked
from seqrun.rundir.directory import RunDirectory, utc_now
from seqrun.rundir.presence import RunDirectoryGone
from seqrun.rundir.reading import METRICS, RECORD
from seqrun.running.next_step import NextStep
from seqrun.running.progress import RunProgress
from seqrun.running.recording import record_weights
from seqrun.running.timer import Timer

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    path: str | None  # of the run directory, as `shown`; None: nothing was trained, and none is left
    exit_code: int
    error: BaseException | None = None
    next: NextStep | None = None  # of a run that ended before its time


def recorded_end(
    directory: RunDirectory | None, error: BaseException, emit: Emit, timer: Timer, *, new: bool = True
) -> Ended:
    """Record what ended a run (None: one without a directory yet), and return it; what cannot be recorded is told.

    A new run that was refused before it trained an epoch, or of which nothing is recorded yet, leaves no directory.
    An unexpected error leaves its traceback in the log.
    """
    if isinstance(error, KeyboardInterrupt):
        error = InterruptedRun(2)
    known = isinstance(error, (SeqrunError, InterruptedRun))
    status, seconds = _status(error), timer.total()
    text = masked(str(error) if known else _in_words(error))
    untrained = directory is None or not directory.rows
    nothing = directory is not None and not directory.record
    refused = new and (nothing or (status == "failed" and known and untrained))
    path = None
    if directory is not None and not refused:
        if not known:
            directory.log(masked("".join(traceback.format_exception(error)).rstrip()))
        end = {"status": status, "finished": utc_now(), "seconds": seconds, "durations": timer.seconds, "error": text}
        text += _unrecorded(directory, end)
        path = shown(directory.path)
    step = _next_step(directory, status, path)
    emit(Finished(run=path, status=status, seconds=seconds, error=text, next=None if step is None else step.command()))
    if directory is not None and refused:
        directory.remove()
    return Ended(path, error.exit_code if isinstance(error, (SeqrunError, InterruptedRun)) else 1, error, step)


def ended_before(directory: RunDirectory, error: BaseException, emit: Emit, timer: Timer) -> Ended:
    """Return what ended a run that is gone on with before it began again: it stays as it was."""
    ended = recorded_end(None, error, emit, timer)
    return replace(ended, path=shown(directory.path))


def decisive(former: Ended | None, ended: Ended) -> Ended | None:
    """Return the end that counts for all runs so far: the one by a signal, else the first by an error; None: all well.

    `former` is the one that counted before this run ended.
    """
    if ended.error is None or (former is not None and not isinstance(ended.error, InterruptedRun)):
        return former
    return ended


def cause_of(error: BaseException, directory: RunDirectory) -> BaseException:
    """Return RunDirectoryGone in place of a file's error that came of it, else the error."""
    if isinstance(error, OSError):
        try:
            directory.check()
        except RunDirectoryGone as gone:
            return gone
    return error


def keep_best_weights(directory: RunDirectory, model: keras.Model, progress: RunProgress, emit: Emit) -> None:
    """Record the best weights so far of a run that ended before its results, so that it can predict.

    A finished run that goes on for more epochs keeps its former weights and results until the new ones are there.
    """
    if not progress.best_weights:
        return
    try:
        if not (directory.path / METRICS).exists():
            model.set_weights(progress.best_weights)
            record_weights(directory, model)
        directory.update(epochs_sha256=progress.hashes)
    except RunDirectoryGone:  # told as what ended the run, or beside it
        return
    except OSError as error:
        emit(Warned(f"the best weights so far cannot be kept: {_in_words(error)}"))


def _unrecorded(directory: RunDirectory, end: Mapping[str, object]) -> str:
    """Record how the run ended; return what is to be added to its error if that cannot be written (a full disk)."""
    try:
        directory.update(**end)
    except RunDirectoryGone as gone:
        return "" if str(gone) == end["error"] else f"; {gone}"
    except OSError as error:
        return f"; and its {RECORD} could not be written: {error.strerror or error}"
    return ""


def _next_step(directory: RunDirectory | None, status: str, path: str | None) -> NextStep | None:
    """Return how a run that ended before its time is gone on with; None if there is no way."""
    if directory is None or path is None or not directory.path.exists():
        return None
    return NextStep.of(path, status, directory.record)


def _status(error: BaseException) -> str:
    """Return the status of a run that this error has ended."""
    if isinstance(error, InterruptedRun):
        return "interrupted"
    return "diverged" if isinstance(error, DivergedError) else "failed"


def _in_words(error: BaseException) -> str:
    """Return the error in one line; the system's own (a full disk, no permission) with the file, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else f"{type(error).__name__}: {error.strerror}"
    return f"{type(error).__name__}: {error}"


def shown(path: Path) -> str:
    """Return the path as a person would write it: relative if it lies below the current directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
