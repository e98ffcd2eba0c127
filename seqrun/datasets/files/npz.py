"""Arrays of numpy's files, arrays of objects included, read without letting their pickles run code.

What a file claims is checked before memory is taken: an array's shape against the bytes there are, and these against
the memory.
"""

from __future__ import annotations

import io
import math
import zipfile
from typing import IO

import numpy as np

from seqrun.datasets.files.pickled import read_pickle
from seqrun.datasets.files.room import check_room, room
from seqrun.errors import DataError
from seqrun.readable import size

_MAGIC = 8  # bytes: \x93NUMPY and the format's version
_HEADERS = {  # by version: the bytes that say how long the header is
    (1, 0): (2, np.lib.format.read_array_header_1_0),
    (2, 0): (4, np.lib.format.read_array_header_2_0),
    (3, 0): (4, np.lib.format.read_array_header_2_0),  # as 2.0, with names in UTF-8
}
_MOST_HEADER = 10_000  # bytes, as numpy itself has it
_MOST_NESTED = 200  # brackets and signs in a header; numpy's own has a dozen
_CHUNK = 1 << 20  # bytes


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return one array of an npz file.

    A broken file raises whatever zipfile, pickle or numpy raise, which is hard to enumerate; DataError, with both
    figures, an array that does not fit into memory, or whose header claims more than there is.
    """
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without a bound
        raise DataError(f"{name} is packed otherwise than numpy does")
    with archive.open(member) as stream:
        return read_npy(stream, member.file_size, name, objects=True)


def read_npy(stream: IO[bytes], length: int, name: str, *, objects: bool = False) -> np.ndarray:
    """Return the array of a .npy file's content, `length` bytes long; errors as in `read_array`.

    Arrays of objects, which are pickles, are read only with `objects`.
    """
    shape, column_first, dtype, begun = _header(stream)
    if dtype.hasobject:
        if not objects or dtype.kind != "O":  # objects in a structure
            raise ValueError("it holds Python objects, which are not loaded")
        check_room(name, length - begun)
        return read_pickle(stream.read(length - begun), room())
    count: int = math.prod(shape)
    needed = count * dtype.itemsize
    if needed != length - begun or (count and not dtype.itemsize):
        said = f"{shape} {dtype}, {size(needed)}"
        raise DataError(f"{name} says that it is {said}, and has {size(max(length - begun, 0))}")
    check_room(name, needed)
    flat = _filled(stream, needed, name).view(dtype)
    return flat.reshape(shape, order="F" if column_first else "C")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, whether columns come first, the dtype, and how many bytes stand before the content."""
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"its format has the version {version}, which is not known")
    width, read_header = _HEADERS[version]
    said = stream.read(width)
    length = int.from_bytes(said, "little")
    if length > _MOST_HEADER:
        raise ValueError(f"its header has {size(length)}, and may have {size(_MOST_HEADER)}")
    text = stream.read(length)
    if sum(map(text.count, (b"(", b"[", b"{", b"-", b"+", b"~"))) > _MOST_NESTED:
        raise ValueError("its header is not as numpy writes it")
    shape, column_first, dtype = read_header(io.BytesIO(said + text))
    if any(count < 0 for count in shape):
        raise ValueError(f"its header says that it is {shape}")
    return shape, column_first, dtype, _MAGIC + width + length


def _filled(stream: IO[bytes], needed: int, name: str) -> np.ndarray:
    """Return so many bytes as an array; the memory is taken page by page as they come."""
    content = np.empty(needed, np.uint8)
    filled = 0
    while filled < needed:
        chunk = stream.read(min(_CHUNK, needed - filled))
        if not chunk:
            raise DataError(f"{name} breaks off after {size(filled)} of {size(needed)}")
        content[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
        filled += len(chunk)
    stream.read(1)  # the end: there zipfile compares with the checksum
    return content
