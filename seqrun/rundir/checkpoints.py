"""A run's checkpoints: each complete or absent, with the SHA-256 of its files; each stage has a folder of them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqrun.machine import opener
from seqrun.rundir import atomic
from seqrun.rundir.npz import write_npz

FOLDER, ARRAYS, SCALARS, MANIFEST = "checkpoints", "state.npz", "scalars.json", "manifest.json"
KEPT = 2

_REPLACED = "~"  # ends the name of a checkpoint whose epoch is being saved again


class DamagedError(Exception):
    """A checkpoint is not whole; the message names its file and says why."""


def save_checkpoint(
    folder: Path,
    epoch: int,
    arrays: Mapping[str, np.ndarray],
    scalars: Mapping[str, Any],
    *,
    keep: int | None = KEPT,
) -> Path:
    """Write `epoch-00012/` in the folder, whole or not at all, and return its path; the newest `keep` remain
    (None: all).

    `scalars` may be anything that JSON can hold, NaN and infinity included. Checkpoints of later epochs are removed
    too: they are from before the run was resumed from an earlier one. Raises ValueError for arrays of Python objects.
    """
    folder.mkdir(exist_ok=True, parents=True)
    atomic.remove_leftovers(folder)
    path, replaced = folder / f"epoch-{epoch:05}", folder / f"epoch-{epoch:05}{_REPLACED}"
    with atomic.new_folder(path) as new:
        dtypes = _write_arrays(new / ARRAYS, arrays)
        content = {"scalars": scalars, "dtypes": dtypes}
        (new / SCALARS).write_text(json.dumps(content), "utf-8")  # indented it takes twice as long, in every epoch
        manifest = {"epoch": epoch, "files": {name: _sha256(new / name) for name in (ARRAYS, SCALARS)}}
        (new / MANIFEST).write_text(json.dumps(manifest, indent=2), "utf-8")
        if path.exists():
            path.rename(replaced)
    _remove_all_but(folder, epoch, keep)
    return path


class Checkpoint(NamedTuple):
    """A checkpoint as it was saved."""

    arrays: dict[str, np.ndarray]
    scalars: dict[str, Any]
    epoch: int


def latest_checkpoint(folder: Path, fault: Callable[[Checkpoint], str | None] | None = None) -> Checkpoint | None:
    """Return the folder's newest undamaged checkpoint; None if there is none.

    A damaged one is skipped, and one in which `fault` finds something; the logger `seqrun` gets a warning that says so.
    """
    for path in _newest_first(folder):
        try:
            found = _read_checkpoint(path)
            if fault is not None and (reason := fault(found)):
                raise DamagedError(f"{path} {reason}")
            return found
        except FileNotFoundError:  # another process, whose run this is, has just removed it
            continue
        except DamagedError as damage:
            logging.getLogger("seqrun").warning("checkpoint passed over: %s", damage)
    return None


def checkpoints_of(run: Path) -> list[Path]:
    """Return the paths of the run's checkpoints of the training, the newest first, judged by file names alone."""
    return [path for path in _newest_first(run / FOLDER) if (path / MANIFEST).is_file()]


def keep_newest(folder: Path, count: int | None) -> None:
    """Remove all but the folder's newest `count` checkpoints (None: all stay) and what other stages have left in it.

    What cannot be removed stays: the run has all its results.
    """
    kept = {path.name for path in _newest_first(folder)[:count]}
    for path in folder.glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _newest_first(folder: Path) -> list[Path]:
    found = [(re.fullmatch(rf"epoch-(\d+)({_REPLACED}?)", path.name), path) for path in folder.glob("epoch-*")]
    ranked = [(int(match[1]), not match[2], path) for match, path in found if match]
    return [path for _, _, path in sorted(ranked, reverse=True)]


def _remove_all_but(folder: Path, epoch: int, keep: int | None) -> None:
    """Remove all checkpoints but that of the epoch and the newest before it, `keep` together (None: all before it)."""
    names = [path.name for path in _newest_first(folder)]
    kept = names[names.index(f"epoch-{epoch:05}") :]
    kept = [name for name in kept if not name.endswith(_REPLACED)][:keep]
    for name in set(names) - set(kept):
        shutil.rmtree(folder / name)


def _read_checkpoint(path: Path) -> Checkpoint:
    """Return a checkpoint; DamagedError if a file is not what was written."""
    manifest = _read_json(path / MANIFEST)
    files, epoch = manifest.get("files"), manifest.get("epoch")
    named = isinstance(epoch, int) and f"epoch-{epoch:05}" == path.name.removesuffix(_REPLACED)
    if not named or not isinstance(files, dict):
        raise DamagedError(f"{path / MANIFEST} is not as it was written")
    for name in (ARRAYS, SCALARS):
        if not (path / name).is_file() or _sha256(path / name) != files.get(name):
            raise DamagedError(f"{path / name} is damaged or missing")
    content = _read_json(path / SCALARS)
    if content.keys() != {"scalars", "dtypes"}:
        raise DamagedError(f"{path / SCALARS} was written by another version of seqrun")
    return Checkpoint(_read_arrays(path / ARRAYS, content["dtypes"]), content["scalars"], int(manifest["epoch"]))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(opener.read_bytes(path))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is damaged or missing") from error
    if not isinstance(content, dict):
        raise DamagedError(f"{path} is damaged: no JSON object")
    return content


def _sha256(path: Path) -> str:
    with opener.open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- arrays -----------------------------------------------------------------------------------------------------------


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Write the npz file; return by name the dtypes that the npy format does not know (bfloat16, float8, int4)."""
    known = {name: np.asarray(array) for name, array in arrays.items()}
    dtypes = {}
    for name, array in known.items():
        if array.dtype.isbuiltin == 2:  # registered with numpy by another package
            dtypes[name] = array.dtype.name
            known[name] = array.view(f"u{array.dtype.itemsize}")
    write_npz(path, known)
    return dtypes


def _read_arrays(path: Path, dtypes: Mapping[str, str]) -> dict[str, np.ndarray]:
    arrays = {}
    with opener.open_file(path) as file, zipfile.ZipFile(file) as archive:
        for member in archive.namelist():
            name = member.removesuffix(".npy")
            with archive.open(member) as stream:
                array = np.lib.format.read_array(stream, allow_pickle=False)
            arrays[name] = array.view(_extended_dtype(dtypes[name])) if name in dtypes else array
    return arrays


def _extended_dtype(name: str) -> np.dtype:
    import ml_dtypes  # the types that Keras and TensorFlow register with numpy

    return np.dtype(getattr(ml_dtypes, name))
