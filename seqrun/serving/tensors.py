"""Tensors as the Open Inference Protocol has them: in JSON, or as bytes behind it (the binary extension)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.serving.json_bodies import MalformedError

BYTES = "BYTES"
DTYPES = {
    "BOOL": np.dtype("?"),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
_NAMES = {dtype.newbyteorder("="): name for name, dtype in DTYPES.items()}
_MOST_DIMENSIONS = 8
SIZE = "binary_data_size"


@dataclass(frozen=True)
class Tensor:
    """A named array; one of BYTES holds str."""

    name: str
    datatype: str
    values: np.ndarray

    @classmethod
    def of(cls, name: str, values: Any) -> Tensor:
        """Return a column of results, or an array, as a tensor: text and what has no type here as BYTES."""
        array = values if isinstance(values, np.ndarray) else _as_array(values)
        if array.dtype in _NAMES:
            return cls(name, _NAMES[array.dtype], array)
        texts = ["" if value is None else str(value) for value in array.ravel().tolist()]
        return cls(name, BYTES, np.array(texts, object).reshape(array.shape))

    def described(self) -> dict[str, Any]:
        """Return name, type and shape."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.values.shape)}

    def in_json(self) -> dict[str, Any]:
        """Return the tensor for JSON; numbers that JSON lacks are null."""
        flat = self.values.ravel().tolist()
        if self.datatype.startswith("FP"):
            flat = [value if math.isfinite(value) else None for value in flat]
        return {**self.described(), "data": flat}

    def in_bytes(self) -> bytes:
        """Return the values as bytes."""
        if self.datatype != BYTES:
            return self.values.astype(DTYPES[self.datatype]).tobytes()
        encoded = [text.encode("utf-8", "replace") for text in self.values.ravel().tolist()]
        return b"".join(part for text in encoded for part in (struct.pack("<I", len(text)), text))


def _as_array(values: Sequence[Any]) -> np.ndarray:
    """Return a column as an array; of numbers, None is NaN."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {float}:
        return np.array([math.nan if value is None else value for value in values], np.float64)
    if len(kinds) == 1 and kinds <= {bool, int} and None not in values:
        return np.array(values)
    array = np.empty(len(values), object)
    array[:] = list(values)
    return array


def read_tensor(described: Mapping[str, Any], binary: Iterator[bytes]) -> Tensor:
    """Return the tensor of an input; its bytes, if it has such, are the next of `binary`. MalformedError if it is none.

    Each of `binary` is what is left of the body.
    """
    name, datatype, shape = (described.get(key) for key in ("name", "datatype", "shape"))
    if not isinstance(name, str):
        raise MalformedError("each of inputs must have a name")
    if datatype not in (*DTYPES, BYTES):
        raise MalformedError(f"{name}: datatype must be one of {', '.join((*DTYPES, BYTES))}, not {datatype!r}")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise MalformedError(f"{name}: shape must be a list of whole numbers")
    if len(shape) > _MOST_DIMENSIONS:
        raise MalformedError(f"{name}: more than {_MOST_DIMENSIONS} dimensions")
    parameters = described.get("parameters")
    size = parameters.get(SIZE) if isinstance(parameters, dict) else None
    try:
        if size is not None:
            flat = _of_bytes(datatype, next(binary)) if type(size) is int else None
        else:
            flat = _of_json(datatype, described.get("data"))
        if flat is None or flat.size != math.prod(shape):
            raise ValueError(f"{'nothing' if flat is None else flat.size} is given for the shape {shape}")
    except (ValueError, TypeError, OverflowError, RecursionError, struct.error) as error:
        raise MalformedError(f"{name}: {error}") from None
    return Tensor(name, datatype, flat.reshape(shape))


def _of_bytes(datatype: str, content: bytes) -> np.ndarray:
    if datatype != BYTES:
        return np.frombuffer(content, DTYPES[datatype])
    texts, place = [], 0
    while place < len(content):
        (length,) = struct.unpack_from("<I", content, place)
        place += 4
        if place + length > len(content):
            raise ValueError("a text is longer than what is given")
        texts.append(content[place : place + length].decode())
        place += length
    return _texts(texts)


def _of_json(datatype: str, data: Any) -> np.ndarray | None:
    if not isinstance(data, list):
        return None
    if datatype != BYTES:
        found = np.asarray(data, DTYPES[datatype]).ravel()
        if found.dtype.kind in "iu" and not np.array_equal(found, np.asarray(data).ravel()):
            raise ValueError(f"data of {datatype} must be whole numbers")
        return found
    texts = [*_flat(data)]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("data of BYTES must be strings")
    return _texts(texts)


def _flat(data: list[Any]) -> Iterator[Any]:
    for item in data:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def _texts(texts: Sequence[str]) -> np.ndarray:
    array = np.empty(len(texts), object)
    array[:] = texts
    return array
