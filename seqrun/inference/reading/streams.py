"""Input that can be read only once, the standard input or another pipe, as the file that readers take."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from seqrun.datasets.files.opening import all_of_stream
from seqrun.errors import DataError, InputError, Parameter
from seqrun.machine.opener import is_pipe, open_file
from seqrun.readable import size

STDIN = Path("-")
STDINS = (STDIN, Path("/dev/stdin"))


def is_stream(path: Path) -> bool:
    """Return whether the input is the standard input (`-`) or another pipe (`<(command)`, `mkfifo`)."""
    return path in STDINS or is_pipe(path)


@contextmanager
def as_file(path: Path, taken_for: str) -> Iterator[Path]:
    """Yield a file with the input's content while the block runs: of a stream, one called `taken_for`, else its own.

    Errors of the block call it as the user does. Raises DataError for more than memory holds, and InputError if there
    is no room for the file.
    """
    if path in STDINS:
        with _kept(sys.stdin.buffer, taken_for, STDIN) as file, called(file, STDIN):
            yield file
    elif is_pipe(path):
        with open_file(path, pipes=True) as stream, _kept(stream, taken_for, path) as file, called(file, path):
            yield file
    else:
        yield path


@contextmanager
def _kept(stream: IO[bytes], taken_for: str, name: Path) -> Iterator[Path]:
    """Yield a file that holds what the stream does while the block runs; InputError if there is no room for it."""
    content = all_of_stream(stream, f"{name} comes to")
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = Path(folder) / taken_for
            path.write_bytes(content)
        except OSError as error:  # where no folder can be written, it names those that were tried
            kept = f"{name} ({size(len(content))}) cannot be kept in a temporary folder while it is read"
            mend = "set TMPDIR to a folder with room, or give a file, which needs none, with "
            raise InputError(f"{kept}: {error.strerror or error}; {mend}", Parameter("input", form="FILE")) from None
        yield path


@contextmanager
def called(path: Path, name: Path) -> Iterator[None]:
    """Name a file in messages of the block by another name."""
    try:
        yield
    except DataError as error:
        raise DataError(str(error).replace(str(path), str(name))) from error
    except InputError as error:
        raise InputError(*(_renamed(part, path, name) for part in error.parts)) from error


def _renamed(part: str | Parameter, path: Path, name: Path) -> str | Parameter:
    if isinstance(part, str):
        return part.replace(str(path), str(name))
    return Parameter(part.name, name, part.form) if part.given == path else part
