"""A run's weights file, checked and loaded into its network."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.errors import UsageError
from seqrun.machine.opener import open_file
from seqrun.rundir.hashes import check_file
from seqrun.rundir.reading import WEIGHTS as WEIGHTS
from seqrun.rundir.reading import RunRecord

if TYPE_CHECKING:
    import h5py
    import keras

MOST_PACKED = 1000  # times, as deflate does it at best


def check_weights(run: RunRecord) -> int:
    """Return how many numbers the run's weights file holds.

    Raises UsageError for a file that is not as the run wrote it, that cannot be read, or that holds what no training
    leaves: an array without content, NaN or infinity.
    """
    check_file(run, WEIGHTS)
    path = run.path / WEIGHTS
    try:
        fault, found = _looked_through(path)
    except Exception as error:  # there is no end to what a broken HDF5 file can raise
        raise UsageError(f"{path}: cannot be read as weights: {_first_line(error)}") from error
    if fault is not None:
        raise UsageError(f"{path}: damaged: {fault}")
    return found


def load_weights(model: keras.Model, run: RunRecord, found: int) -> None:
    """Put the run's weights, in which `found` numbers are, into its network; UsageError if they are another's."""
    path, wanted = run.path / WEIGHTS, sum(math.prod(weight.shape) for weight in model.weights)
    if found < wanted:  # of a part that the file lacks as a whole Keras only warns
        raise UsageError(
            f"{path}: these are not the weights of the run's network: {found:,} numbers, and it has {wanted:,}"
        )
    try:
        model.load_weights(path)
    except Exception as error:
        reason = _first_line(error)
        raise UsageError(f"{path}: these are not the weights of the run's network: {reason}") from error


def embedding_dim(path: Path) -> int:
    """Return the size of the layer `embedding` in a Keras weights file, whose groups have their layers' names."""
    import h5py

    try:
        with open_file(path) as opened, h5py.File(opened) as file:
            found = file.visititems(lambda _, item: item if item.attrs.get("name") == "embedding" else None)
            return int(found["0"].shape[1])
    except Exception as error:
        raise UsageError(f"{path}: these weights hold no embedding: {error}") from error


def weight_arrays(run: RunRecord) -> dict[str, np.ndarray]:
    """Return the arrays in the run's weights file under their paths there, such as layers/dense/vars/0.

    Raises UsageError as `check_weights` does.
    """
    import h5py

    check_weights(run)
    arrays: dict[str, np.ndarray] = {}
    with open_file(run.path / WEIGHTS) as opened, h5py.File(opened) as file:

        def take(name: str, item: h5py.Dataset | h5py.Group) -> None:
            if isinstance(item, h5py.Dataset):
                arrays[name] = item[()]

        file.visititems(take)
    return arrays


def _looked_through(path: Path) -> tuple[str | None, int]:
    """Return what is wrong with an array of the file, None if nothing is, and how many numbers there are."""
    import h5py

    faults, numbers, size = [], 0, path.stat().st_size
    with open_file(path) as opened, h5py.File(opened) as file:

        def look(name: str, item: h5py.Dataset | h5py.Group) -> str | None:
            nonlocal numbers
            if isinstance(item, h5py.Dataset):
                numbers += item.size
                if fault := _fault(item, size):
                    faults.append(f"{name} {fault}")
                    return fault  # ends the visit
            return None

        file.visititems(look)
    return (faults[0] if faults else None), numbers


def _fault(array: h5py.Dataset, file_size: int) -> str | None:
    stored = array.id.get_storage_size()
    if array.nbytes > MOST_PACKED * file_size:
        return f"claims the shape {array.shape}, for which the file is too small"
    if stored < array.nbytes and (array.chunks is None or not stored):
        return f"is empty: {stored:,} of {array.nbytes:,} bytes are there"
    if array.dtype.kind == "f" and not np.isfinite(array[()]).all():
        return "holds numbers that are NaN or infinite"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
