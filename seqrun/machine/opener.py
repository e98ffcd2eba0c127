"""The one way in which files are opened to be read: what is no regular file, and what is too large, is refused.

A device such as /dev/zero has no end, and a pipe that nobody writes to never begins; a path in a config, in an archive
or in a copied run directory may lead to either. tests/test_opener.py holds that nothing is read otherwise.
"""

from __future__ import annotations

import errno
import math
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import BufferedReader
from pathlib import Path
from types import MappingProxyType

from seqrun.readable import size

MOST_PLUGIN = 10_000_000  # bytes of a plugin file
MOST_PICTURE = 100_000_000  # bytes of a plot
CHUNK = 65_536  # bytes that are read at once of what does not say how long it is

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
_NOTHING: Mapping[Path, bytes] = MappingProxyType({})
_held: ContextVar[Mapping[Path, bytes]] = ContextVar("_held", default=_NOTHING)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_NO_CONTROL = getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_TRANSLATION = getattr(os, "O_BINARY", 0)  # of line ends, on Windows


class CannotOpenError(OSError):
    """A path that is not opened, with the reason in `strerror` as the system's own errors have it."""

    def __init__(self, code: int, reason: str, path: str | Path):
        super().__init__(code, reason, os.fspath(path))

    def __str__(self) -> str:
        return str(self.strerror)


def open_file(path: str | Path, *, most: int | None = None, pipes: bool = False) -> BufferedReader:
    """Return the file, opened to be read; links are followed.

    With `pipes` a pipe is opened too, which is only for what a user names on the command line (`<(command)`,
    /dev/stdin), as `cat` does: one with a name of its own (`mkfifo`) is waited for until somebody opens it to write.
    Raises OSError, with the reason as its `strerror`, for what is no regular file or larger than `most` bytes.
    """
    held_now = _held.get()
    if held_now and (content := held_now.get(Path(path))) is not None:
        return _in_memory(content)
    descriptor = open_descriptor(path, os.O_RDONLY, most=most, pipes=pipes)
    return os.fdopen(descriptor, "rb")


@contextmanager
def held(path: Path, content: bytes) -> Iterator[None]:
    """Let `open_file` find this content under a path inside the block, in this thread: nothing of it is on a disk."""
    token = _held.set({**_held.get(), path: content})
    try:
        yield
    finally:
        _held.reset(token)


def _in_memory(content: bytes) -> BufferedReader:
    """Return the content as an opened file, with a descriptor, as readers want it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("held")
    else:  # not Linux: a file without a name, which the system removes when it is closed
        import tempfile

        with tempfile.TemporaryFile() as unnamed:
            descriptor = os.dup(unnamed.fileno())
    file = os.fdopen(descriptor, "r+b", buffering=0)
    file.write(content)
    file.seek(0)
    return BufferedReader(file)


def open_descriptor(path: str | Path, flags: int, *, most: int | None = None, pipes: bool = False) -> int:
    """Return a descriptor of a file that is opened with `flags`, as `os.open` has them; else as `open_file`."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 (thousands of runs are read so, and a Path takes longer to make)
        _check(mode, path, pipes)  # to open a device may do something already
        waits = stat.S_ISFIFO(mode)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        waits = False
    except ValueError as error:  # NUL, or a character that no file name has
        raise CannotOpenError(errno.EINVAL, f"is no path: {error}", path) from None
    waiting = 0 if waits else _NO_WAITING
    descriptor = os.open(path, flags | waiting | _NO_CONTROL | _NO_TRANSLATION, 0o666)
    try:
        found = os.fstat(descriptor)  # of what is open, whatever the path leads to by now
        _check(found.st_mode, path, pipes)
        if most is not None and found.st_size > most:
            raise _too_large(path, most)
        if stat.S_ISFIFO(found.st_mode):
            os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_bytes(path: str | Path, most: int | None = None, *, pipes: bool = False) -> bytes:
    """Return a file's content, of no more than `most` bytes; else as `open_file`."""
    held_now = _held.get()
    if not held_now or (content := held_now.get(Path(path))) is None:
        descriptor = open_descriptor(path, os.O_RDONLY, most=most, pipes=pipes)
        try:
            content = _content(descriptor, most)
        finally:
            os.close(descriptor)
    if most is not None and len(content) > most:  # it has grown, or says not how long it is
        raise _too_large(path, most)
    return content


def _content(descriptor: int, most: int | None) -> bytes:
    """Return what can be read, or one byte more than `most`. A file object would ask the system for more than that."""
    chunk = max(CHUNK, os.fstat(descriptor).st_size + 1)
    parts, left = [], math.inf if most is None else most + 1
    while left and (part := os.read(descriptor, int(min(chunk, left)))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def read_text(path: str | Path, most: int | None = None) -> str:
    """Return a file's content as UTF-8 text; ValueError if it is none, else as `read_bytes`."""
    return read_bytes(path, most).decode()


def why_not(path: str | Path) -> str | None:
    """Return why a path that is there is no regular file and no folder ("is a pipe, not a file"), else None."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return None
    return None if stat.S_ISDIR(mode) else _reason(mode, pipes=False)


def is_pipe(path: str | Path) -> bool:
    """Return whether the path leads to a pipe, as `<(command)` and `mkfifo` make them."""
    try:
        return stat.S_ISFIFO(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def _check(mode: int, path: str | Path, pipes: bool) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if reason := _reason(mode, pipes):
        raise CannotOpenError(errno.EINVAL, reason, path)


def _reason(mode: int, pipes: bool) -> str | None:
    if stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)):
        return None
    return f"is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a regular file"


def _too_large(path: str | Path, most: int) -> CannotOpenError:
    return CannotOpenError(errno.EFBIG, f"is larger than {size(most)}, which is more than such a file has", path)
