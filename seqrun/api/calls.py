"""What the calls that train have in common: their parameters, signals, and how they end."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import InputError, InterruptedRun, Parameter, TrainingInterrupted, UsageError

if TYPE_CHECKING:
    from seqrun.config.given import Given
    from seqrun.machine.signals import StopSignals
    from seqrun.running.ending import Ended

DATA_DIR = "SEQRUN_DATA_DIR"
_AT_WORK = threading.Lock()  # held while this process trains


def changes(settings: Mapping[str, Any] | None, **options: Any) -> list[Given]:
    """Return settings and options, those that are not None, as changes of a config."""
    from seqrun.config.given import Given

    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(Parameter("set", settings), ": is a mapping, such as {'trainer.epochs': 3}")
    found = [Given(str(key), value, f"set={{{key!r}: {value!r}}}") for key, value in (settings or {}).items()]
    return found + [Given(key, value, f"{key}={value!r}") for key, value in options.items() if value is not None]


def ended_well(ended: Ended) -> Path:
    """Return the directory of the run that has ended; raise what ended it, if that was an error.

    The error has the run's directory, and how to go on.
    """
    path = None if ended.path is None else Path(ended.path).resolve()
    error = ended.error
    if error is None and path is not None:
        return path
    if error is None:
        raise RuntimeError("a run without an error has a directory")
    if isinstance(error, InterruptedRun) and error.exit_code == InterruptedRun(2).exit_code:
        error = TrainingInterrupted("interrupted" if path is None else f"interrupted: {path}")
    if hasattr(error, "run"):
        error.run = path
    if ended.next is not None:
        error.add_note(f"next: {ended.next.call()}")
    raise error


def all_ended_well(ends: Iterable[Ended], seed: int, count: int) -> list[Path]:
    """Return the directories of repeats, the first of which has this seed, once all have ended.

    Raises what stopped them, else the first error. Its notes tell which repeats failed, and it has the directories of
    those that finished.
    """
    from seqrun.running.ending import decisive

    finished: list[Path] = []
    failed: list[str] = []
    counts: Ended | None = None
    for number, ended in enumerate(ends):
        counts = decisive(counts, ended)
        if ended.error is None:
            finished.append(ended_well(ended))
        else:
            where = "" if ended.path is None else f", {ended.path}"
            failed.append(f"repeat {number + 1} of {count} (seed {seed + number}{where}): {ended.error}")
    try:
        return finished if counts is None else [ended_well(counts)]
    except BaseException as error:
        for note in failed:
            error.add_note(note)
        if hasattr(error, "finished"):
            error.finished = tuple(finished)
        raise


@contextmanager
def one_interruptible() -> Iterator[StopSignals]:
    """Yield what turns signals into an end of the training in good order; one training at a time in this process.

    Raises UsageError if there is another, and TrainingInterrupted after Ctrl-C.
    """
    with _interruptible() as signals, _one_at_a_time():
        yield signals


@contextmanager
def _interruptible() -> Iterator[StopSignals]:
    """Yield what turns signals into an end in good order; Ctrl-C becomes TrainingInterrupted.

    Threads other than the main one get no signals.
    """
    from seqrun.machine.signals import StopSignals

    signals = StopSignals(may_leave=False)
    try:
        with signals.installed():
            yield signals
    except BaseException as error:
        cause = signals.cause_of(error)
        if isinstance(cause, InterruptedRun) and cause.exit_code == InterruptedRun(2).exit_code:
            raise TrainingInterrupted("interrupted before the training began") from None
        raise


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Raise UsageError if another thread of this process trains: TensorFlow's random state is one for all of them."""
    if not _AT_WORK.acquire(blocking=False):
        raise UsageError(
            "this process is training a run already, and its threads share one random state: train one run after the "
            "other, or each in a process of its own"
        )
    try:
        yield
    finally:
        _AT_WORK.release()


def data_folder(given: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder of data files: the given one, else that of the variable SEQRUN_DATA_DIR, if it is set."""
    found = given if given is not None else os.environ.get(DATA_DIR)
    return folder("data_dir", found) if found else None


def folder(parameter: str, given: str | os.PathLike[str]) -> Path:
    """Return the path of a folder that a parameter names; raise InputError for one that no file can have."""
    from seqrun.config.paths import unusable

    path = Path(given)
    if reason := unusable(path):
        raise InputError(Parameter(parameter, str(path)), f": {reason}")
    return path
