"""The errors that a user is told about, each with its exit code; they are shown without a traceback."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ConfigPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """The place where a config value was written: a file's line and column (from 1), or a command-line option."""

    source: str  # the file as the user named it, or "--set dataset.max_len=5"
    line: int | None = None
    column: int | None = None
    text: str | None = None  # the offending line
    directory: Path | None = None  # where relative paths written here start
    extended_by: str | None = None  # the file whose `extends` names this one

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.source, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Problem:
    """One mistake in a config: the key (dotted from the experiment's root), what is wrong, and where it was written."""

    path: ConfigPath
    message: str
    mark: Mark | None = None

    def __str__(self) -> str:
        place = () if self.mark is None else (str(self.mark),)
        key = (".".join(map(str, self.path)),) if self.path else ()
        return ": ".join((*place, *key, self.message))


class MissingData(Problem):
    """Data that cannot be had: a file that a config names is not there (it may still come), or cannot be read."""


class SeqrunError(Exception):
    """A failure that is explained to the user in words. The process ends with `exit_code`."""

    exit_code = 1
    run: Path | None = None  # the directory of the run that it ended, if that has one
    finished: tuple[Path, ...] = ()  # of several repeats, the directories of those that have finished


class ConfigError(SeqrunError):
    """A usage or config mistake. It holds all problems found, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(SeqrunError):
    """A command was asked for something impossible: a missing run directory, a device that is not there."""

    exit_code = 2


@dataclass(frozen=True)
class Parameter:
    """A named value that a user gave or could give, as a message mentions it: column 'x'."""

    name: str  # as an API calls it; a command line's option is mostly called the same
    given: object = None  # the value
    form: str = ""  # what stands for a value where none is given: FILE

    def __str__(self) -> str:
        return self.worded(self.name, repr(self.given) if isinstance(self.given, str) else str(self.given))

    def worded(self, name: str, given: str) -> str:
        """Return the parameter under the name `name`, followed by its value (if it has one), written as `given`."""
        value = self.form if self.given is None else given
        return f"{name} {value}" if value else name


class InputError(UsageError):
    """A finished run was asked for something impossible, because of one of the parameters or the kind of input.

    The message consists of `parts`, strings and parameters. By default it reads as a user of the API would write it:
    "column 'x': the file holds no such array". The command line, where a parameter is an option, rewords it with
    `worded`.
    """

    def __init__(self, *parts: str | Parameter):
        self.parts = parts
        super().__init__(self.worded(str))

    def worded(self, write: Callable[[Parameter], str]) -> str:
        """Return the message, each parameter written by `write`."""
        return "".join(write(part) if isinstance(part, Parameter) else part for part in self.parts)


class DivergedError(SeqrunError):
    """The training loss became NaN or infinite."""

    exit_code = 3


class DataError(SeqrunError):
    """The data cannot be obtained, or are not as they should be."""

    exit_code = 4


class InterruptedRun(BaseException):
    """A signal stopped the run. `exit_code` is 128 + its number. `except Exception` does not catch it."""

    run: Path | None = None  # the directory of the run, if it has one

    def __init__(self, signal_number: int):
        self.exit_code = 128 + signal_number
        name = signal.Signals(signal_number).name
        super().__init__(f"interrupted ({'Ctrl-C' if name == 'SIGINT' else name})")


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C, or a notebook's stop button, ended a training that Python code had called for."""

    run: Path | None = None  # the directory of the run, if it has one
    finished: tuple[Path, ...] = ()  # of several repeats, the directories of those that have finished
