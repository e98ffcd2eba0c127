"""What can go wrong, with the exit code that says so; each is shown to the user without a traceback."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class Parameter:
    """A value that a user has given, or may give, under a name, as a message tells of it: column 'x'."""

    name: str  # as an API calls it; a command line's option is mostly called the same
    given: object = None  # the value
    form: str = ""  # what stands for a value where none is given: FILE

    def __str__(self) -> str:
        return self.worded(self.name, repr(self.given) if isinstance(self.given, str) else str(self.given))

    def worded(self, name: str, given: str) -> str:
        """Return the parameter under another name, with its value, if there is one, written as `given`."""
        value = self.form if self.given is None else given
        return f"{name} {value}" if value else name


class InputError(UsageError):
    """A finished run is asked for something that cannot be, because of a parameter; it may be input of another kind.

    Its text is made of `parts`, strings and parameters, and reads as an API's user would write it: "column 'x': the
    file holds no such array". A command line, where a parameter is an option, says it in its own words with `worded`.
    """

    def __init__(self, *parts: str | Parameter):
        self.parts = parts
        super().__init__(self.worded(str))

    def worded(self, write: Callable[[Parameter], str]) -> str:
        """Return the text, with the parameters as `write` has them."""
        return "".join(write(part) if isinstance(part, Parameter) else part for part in self.parts)


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
