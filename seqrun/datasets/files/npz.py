"""Arrays of npz files, object arrays included, read without letting their pickles run code."""

from __future__ import annotations

import pickle
import zipfile
from typing import IO, Any

import numpy as np

# What rebuilding an object array of lists, arrays or numbers needs, under the names that numpy 1 and 2 write.
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_SCALAR = np.float64().__reduce__()[0]
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy.core.multiarray", "scalar"): _SCALAR,
    ("numpy._core.multiarray", "scalar"): _SCALAR,
}
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it wants to load {module}.{name}, which no array of numbers needs")
        return _ALLOWED[module, name]


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return one array. A broken file raises whatever zipfile, pickle or numpy raise, which is hard to enumerate."""
    with archive.open(f"{name}.npy") as stream:
        if _holds_objects(stream):
            return _unpickled(stream, name)
    with archive.open(f"{name}.npy") as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _holds_objects(stream: IO[bytes]) -> bool:
    """Return whether a pickle follows; the stream is left where it begins."""
    read_header = _HEADERS.get(np.lib.format.read_magic(stream))
    return read_header is not None and read_header(stream)[2].hasobject


def _unpickled(stream: IO[bytes], name: str) -> np.ndarray:
    array = _ArrayUnpickler(stream).load()
    if not isinstance(array, np.ndarray):
        raise pickle.UnpicklingError(f"{name} is a pickle of {type(array).__name__}, not of an array")
    return array
