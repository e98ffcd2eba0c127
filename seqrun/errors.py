"""What can go wrong, with the exit code that says so; each is shown to the user without a traceback."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ConfigPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """Where a config value was written: a file's line and column (from 1), or an option of the command line."""

    source: str  # the file as the user named it, or "--set dataset.max_len=5"
    line: int | None = None
    column: int | None = None
    text: str | None = None  # the offending line
    directory: Path | None = None  # what relative paths written here are relative to
    extended_by: str | None = None  # the file whose `extends` names this one


@dataclass(frozen=True)
class Problem:
    """One mistake in a config: the key (from the experiment's root), what is wrong, where it was written."""

    path: ConfigPath
    message: str
    mark: Mark | None = None


class SeqrunError(Exception):
    """A failure that the user is told about in words; `exit_code` is the process's."""

    exit_code = 1


class ConfigError(SeqrunError):
    """A usage or config mistake: all problems found, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{'.'.join(map(str, p.path))}: {p.message}" for p in self.problems))


class UsageError(SeqrunError):
    """A command was asked for something that cannot be: a missing run directory, a device that is not there."""

    exit_code = 2


class DivergedError(SeqrunError):
    """The training loss became NaN or infinite."""

    exit_code = 3


class DataError(SeqrunError):
    """The data cannot be had, or is not what it should be."""

    exit_code = 4


class InterruptedRun(BaseException):
    """A signal stopped the run; `exit_code` is 128 + its number. `except Exception` does not catch it."""

    def __init__(self, signal_number: int):
        self.exit_code = 128 + signal_number
        name = signal.Signals(signal_number).name
        super().__init__(f"interrupted ({'Ctrl-C' if name == 'SIGINT' else name})")
