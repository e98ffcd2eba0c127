"""Files that appear whole or not at all: temporary name in the same folder, sync, rename, sync of the folder."""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

TEMPORARY = ".tmp"


def write_bytes(path: Path, content: bytes) -> None:
    """Write the file so that a reader finds either the old content or the new, even after a power cut.

    What is not a regular file (/dev/stdout, a pipe) cannot be replaced by renaming and is written directly.
    """
    path = path.resolve()  # a link is kept, and what it points to replaced
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = temporary_name(path)
    with _named_in_errors(path):
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    """Add the file's name to an OSError that lacks it, such as one from a full disk."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def write_text(path: Path, content: str) -> None:
    """Write the text as UTF-8, line ends unchanged."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON. `plain` says how values are written that JSON has no type for."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """Return what `write_json` writes."""
    return (json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


@contextmanager
def new_folder(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield a temporary folder to fill; it is renamed to `path` if all goes well.

    There must be nothing at the path, unless a folder there is to be replaced.
    """
    temporary = temporary_name(path)
    temporary.mkdir()
    with _named_in_errors(path):
        try:
            yield temporary
            for inside in temporary.rglob("*"):
                if inside.is_dir():
                    sync_folder(inside)
                else:
                    with inside.open("rb") as stream:
                        os.fsync(stream.fileno())
            sync_folder(temporary)
            old = temporary_name(path)
            if replace and path.exists():
                path.rename(old)
            temporary.rename(path)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync_folder(path.parent)


def temporary_name(path: Path) -> Path:
    """Return a hidden name beside `path` that nobody else uses."""
    return path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}{TEMPORARY}")


def remove_leftovers(folder: Path) -> None:
    """Remove killed writers' temporary files from the folder; only its single current writer may call this."""
    for leftover in folder.glob(f".*{TEMPORARY}"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable: without this a power cut may undo them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def plain(value: Any) -> Any:
    """Return the value in JSON's own types: NaN and infinity become null, paths text, times ISO 8601, arrays lists.

    Raises TypeError for anything else.
    """
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy's arrays and scalars, without importing numpy
        return plain(value.tolist())
    raise TypeError(f"JSON cannot hold a {type(value).__name__}: {value!r}")
