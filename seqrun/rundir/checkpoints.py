"""A run's checkpoints: each complete or absent, with the SHA-256 of its files; the newest two are kept."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seqrun.rundir import atomic
from seqrun.rundir.npz import write_npz

FOLDER, ARRAYS, SCALARS, MANIFEST = "checkpoints", "state.npz", "scalars.json", "manifest.json"
KEPT = 2

_REPLACED = "~"  # ends the name of a checkpoint whose epoch is being saved again


def save_checkpoint(run: Path, epoch: int, arrays: Mapping[str, np.ndarray], scalars: Mapping[str, Any]) -> Path:
    """Write `checkpoints/epoch-00012/`, whole or not at all, and return its path; the one before it is kept, no other.

    `scalars` may be anything that JSON can hold, NaN and infinity included. Checkpoints of later epochs are removed
    too: they are from before the run was resumed from an earlier one. Raises ValueError for arrays of Python objects.
    """
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    atomic.remove_leftovers(folder)
    path, replaced = folder / f"epoch-{epoch:05}", folder / f"epoch-{epoch:05}{_REPLACED}"
    with atomic.new_folder(path) as new:
        dtypes = _write_arrays(new / ARRAYS, arrays)
        (new / SCALARS).write_text(json.dumps(scalars), "utf-8")  # indented it takes twice as long, in every epoch
        manifest = {"epoch": epoch, "files": {name: _sha256(new / name) for name in (ARRAYS, SCALARS)}}
        (new / MANIFEST).write_text(json.dumps({**manifest, "dtypes": dtypes}, indent=2), "utf-8")
        if path.exists():
            path.rename(replaced)
    _remove_all_but(folder, epoch)
    return path


def latest_checkpoint(run: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Return the arrays and scalars of the newest undamaged checkpoint; None if there is none.

    A damaged one is skipped; the logger `seqrun` gets a warning that names it.
    """
    for path in _newest_first(run / FOLDER):
        damaged = _damaged_file(path)
        if damaged is None:
            return _read_arrays(path), json.loads((path / SCALARS).read_bytes())
        logging.getLogger("seqrun").warning("checkpoint passed over: %s is damaged or missing", damaged)
    return None


def has_checkpoint(run: Path) -> bool:
    """Return whether the run has a checkpoint, judged by file names alone."""
    return any((path / MANIFEST).is_file() for path in _newest_first(run / FOLDER))


def _newest_first(folder: Path) -> list[Path]:
    found = [(re.fullmatch(rf"epoch-(\d+)({_REPLACED}?)", path.name), path) for path in folder.glob("epoch-*")]
    ranked = [(int(match[1]), not match[2], path) for match, path in found if match]
    return [path for _, _, path in sorted(ranked, reverse=True)]


def _remove_all_but(folder: Path, epoch: int) -> None:
    """Remove all checkpoints but that of the epoch and the newest one before it."""
    names = [path.name for path in _newest_first(folder)]
    kept = names[names.index(f"epoch-{epoch:05}") :]
    kept = [name for name in kept if not name.endswith(_REPLACED)][:KEPT]
    for name in set(names) - set(kept):
        shutil.rmtree(folder / name)


def _damaged_file(path: Path) -> Path | None:
    """Return the first file that is not as the manifest says (the manifest itself included); None if all are."""
    try:
        expected = dict(json.loads((path / MANIFEST).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return path / MANIFEST
    for name in (ARRAYS, SCALARS):
        file = path / name
        if not file.is_file() or _sha256(file) != expected.get(name):
            return file
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
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


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    dtypes = json.loads((path / MANIFEST).read_bytes())["dtypes"]
    arrays = {}
    with zipfile.ZipFile(path / ARRAYS) as archive:
        for member in archive.namelist():
            name = member.removesuffix(".npy")
            with archive.open(member) as stream:
                array = np.lib.format.read_array(stream, allow_pickle=False)
            arrays[name] = array.view(_extended_dtype(dtypes[name])) if name in dtypes else array
    return arrays


def _extended_dtype(name: str) -> np.dtype:
    import ml_dtypes  # the types that Keras and TensorFlow register with numpy

    return np.dtype(getattr(ml_dtypes, name))
