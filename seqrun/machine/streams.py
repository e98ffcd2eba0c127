"""The standard streams, as the caller left them: closed, full, or without a reader."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, Protocol, TextIO, TypeVar

from seqrun.errors import SeqrunError

# With which mode a closed stream is opened: what reads or writes the first two is to fail, as it would have.
_MODES = (("stdin", os.O_WRONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY))


def open_closed() -> None:
    """Open each standard stream that is closed (`2>&-`) on /dev/null.

    Otherwise the next file opened, a run's log say, gets the stream's number, and what libraries print goes into it.
    Standard output is opened for reading only and standard input for writing only, so that using them still fails.
    """
    for number, (name, mode) in enumerate(_MODES):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number, which is this one
            direction = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(number, direction, errors="backslashreplace", closefd=False))


G = TypeVar("G", bound="_Guarded")


class Writable(Protocol):
    """What lines are written to: a text stream, guarded or not."""

    def write(self, text: str, /) -> int: ...
    def flush(self) -> None: ...


class OutputError(SeqrunError):
    """A command's result cannot be written to standard output."""


class _Guarded:
    """A text stream, with a say in what happens when it cannot be written; nothing more is written then."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._error: OSError | None = None  # why it cannot be written

    def write(self, text: str) -> int:
        """Write the text, and return its length."""
        self._do(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        self._do(self._stream.flush)

    def _do(self, writing: Callable[[], object]) -> None:
        if self._error is None:
            try:
                writing()
            except OSError as error:
                self._error = error
                _lead_nowhere(self._stream)
        if self._error is not None:
            self._failed(self._error)

    def _failed(self, error: OSError) -> None:
        """Raise an error if the command is to end with it."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Telling(_Guarded):
    """A stream that raises OutputError when it cannot be written, or BrokenPipeError if its reader has left."""

    def _failed(self, error: OSError) -> None:
        if isinstance(error, BrokenPipeError):
            raise error
        raise OutputError(f"standard output cannot be written: {error.strerror or error}") from error


class Unfailing(_Guarded):
    """A stream that drops what cannot be written, and all that comes after."""

    def _failed(self, error: OSError) -> None:
        pass

    @property
    def failure(self) -> str | None:
        """Why it cannot be written, if so; that its reader has left (`| head -1`) is no failure."""
        if self._error is None or isinstance(self._error, BrokenPipeError):
            return None
        return self._error.strerror or str(self._error)


@contextmanager
def guarded(name: Literal["stdout", "stderr"], guard: type[G]) -> Iterator[G]:
    """Put a guard around `sys.stdout` or `sys.stderr` inside the block, in place of another kind, and yield it."""
    stream = getattr(sys, name)
    if isinstance(stream, guard):
        yield stream
        return
    around = guard(stream._stream if isinstance(stream, _Guarded) else stream)
    setattr(sys, name, around)
    try:
        yield around
    finally:
        setattr(sys, name, stream)


def _lead_nowhere(stream: TextIO) -> None:
    """Redirect the stream to /dev/null, for what libraries will print and what it has buffered.

    Python tries to write that when the process ends, and else changes the exit code.
    """
    with suppress(io.UnsupportedOperation):  # one that is no file has no such rest
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
