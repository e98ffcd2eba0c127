"""Arrays as an npz file, whatever they are called."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np


def write_npz(file: Path | BinaryIO, arrays: Mapping[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write the arrays under their names, so that `numpy.load` reads them; ValueError for arrays of Python objects.

    Unlike `numpy.savez` it pickles nothing and takes an array called "file", as a user's column may be.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def compressed_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the content of a compressed npz file of these arrays."""
    content = BytesIO()
    write_npz(content, arrays, compressed=True)
    return content.getvalue()
