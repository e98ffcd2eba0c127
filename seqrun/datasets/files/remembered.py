"""Arrays that take long to compute from data, kept beside prepared datasets for the next run on the same data."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqrun.datasets.files.npz import read_array
from seqrun.datasets.files.prepared import code_hash, make_room
from seqrun.datasets.samples.arrays import array_names
from seqrun.events.events import Emit, Message, Warned
from seqrun.machine.opener import open_file, read_bytes
from seqrun.rundir.atomic import temporary_name
from seqrun.rundir.npz import write_npz

Arrays = Mapping[str, np.ndarray]
_KEY = "key"  # the member that repeats what the entry is of: a file that was put in another's place is not used


def remembered(
    folder: Path | None,
    facts: Mapping[str, Any],
    code: Sequence[Path],
    libraries: Sequence[str],
    compute: Callable[[], Arrays],
    emit: Emit,
) -> Arrays:
    """Return the arrays that `compute` returns, from the folder if an earlier run left them there.

    `facts` are all that the result depends on beside the files of `code` and the versions of the `libraries`: hashes of
    data, settings. Without a folder nothing is kept. An entry that is damaged is computed again, with a warning, as
    there is if it cannot be written.
    """
    if folder is None:
        return compute()
    key = _key(facts, code, libraries)
    path = folder / f"{key}.npz"
    if (known := _read(path, key, emit)) is not None:
        emit(Message(f"as computed for an earlier run ({path})"))
        return known
    arrays = compute()
    _keep(path, key, arrays, emit)
    return arrays


def _key(facts: Mapping[str, Any], code: Sequence[Path], libraries: Sequence[str]) -> str:
    parts = {
        "facts": facts,
        "reading": code_hash(),
        "code": [hashlib.sha256(read_bytes(path)).hexdigest() for path in code],
        "libraries": [importlib.metadata.version(name) for name in libraries],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _read(path: Path, key: str, emit: Emit) -> Arrays | None:
    """Return the entry; None if there is none, or it is damaged."""
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            found = {name: read_array(archive, name) for name in array_names(archive)}
        if found.pop(_KEY).tobytes().decode() != key:
            raise ValueError("its content is not what was kept there")
        os.utime(path)  # what was used longest ago makes room
        return found
    except FileNotFoundError:
        return None
    except Exception as error:  # there is no end to what a broken zip can raise
        emit(Warned(f"{path} is damaged and made anew: {error}"))
        return None


def _keep(path: Path, key: str, arrays: Arrays, emit: Emit) -> None:
    """Write the entry, whole or not at all; if the folder cannot be written, only warn."""
    temporary = temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                write_npz(file, {**arrays, _KEY: np.frombuffer(key.encode(), np.uint8)})
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        make_room(path.parent)
    except OSError as error:
        emit(Warned(f"what was computed cannot be kept in {path.parent}: {error.strerror or error}"))
