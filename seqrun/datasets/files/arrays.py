"""Arrays in numpy's files: one in a .npy file, several by name in a .npz file."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from seqrun.components.reading import check_ending
from seqrun.datasets.files import npz
from seqrun.datasets.samples.arrays import array_names
from seqrun.errors import DataError, InputError, Parameter
from seqrun.machine.opener import open_file
from seqrun.spelling import suggest

ENDINGS = (".npy", ".npz")


def read_array(path: Path, name: str | None = None, usual: str | None = None) -> np.ndarray:
    """Return the array of a .npy file; of a .npz file the one called `name`, else its only one, else the one called
    `usual`.

    Pickled objects are not loaded. Raises InputError for another ending, and if it is not clear which array is meant;
    DataError for a file that cannot be read, and for an empty array.
    """
    check_ending(path, ENDINGS)
    if path.suffix.lower() == ".npy" and name is not None:
        why = f": {path} holds one array, without a name; a .npz file may hold several"
        raise InputError(Parameter("column", name), why)
    try:
        array = _read_npz(path, name, usual) if path.suffix.lower() == ".npz" else _read_npy(path)
    except InputError:
        raise
    except Exception as error:  # there is no end to what a broken zip or pickle can raise
        raise DataError(f"{path} cannot be read as an array: {error}") from error
    if not array.size:
        raise DataError(f"{path}: the array is empty, its shape is {array.shape}")
    return array


def holds(path: Path, name: str) -> bool:
    """Return whether a .npz file has an array of that name."""
    with open_file(path) as file, zipfile.ZipFile(file) as archive:
        return name in array_names(archive)


def read_numbers(path: Path, name: str | None = None, usual: str | None = None) -> np.ndarray:
    """Return the array as in `read_array`; raise DataError too if it is not of finite numbers."""
    array = read_array(path, name, usual)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{path}: must hold an array of numbers, not of {array.dtype}")
    if not np.isfinite(array).all():
        raise DataError(f"{path}: holds numbers that are not finite")
    return array


def _read_npy(path: Path) -> np.ndarray:
    with open_file(path) as file:
        return npz.read_npy(file, os.fstat(file.fileno()).st_size, "the array")


def _read_npz(path: Path, name: str | None, usual: str | None) -> np.ndarray:
    with open_file(path) as file, zipfile.ZipFile(file) as archive:
        names = array_names(archive)
        if name is None:
            name = names[0] if len(names) == 1 else usual
        if name in names:
            return npz.read_array(archive, name)
        there = ", ".join(f"{each} {npz.read_array(archive, each).shape}" for each in names) or "no array"
    if name is None or name == usual:
        raise InputError(f"{path} holds {there}: say with ", Parameter("column"), " which one it is")
    why = f": {path} holds no such array{suggest(name, names)}; there are {there}"
    raise InputError(Parameter("column", name), why)
