"""What the pickles of arrays speak of: numpy's arrays, dtypes and scalars, made anew from what is said of them."""

from __future__ import annotations

import math
import pickle
import re
import sys
from enum import Enum
from typing import Any

import numpy as np

_DTYPE = re.compile(r"[<>|=]?(?P<kind>[biufcSUO])[0-9]{0,9}")


class Name(Enum):
    """What a pickle of an array may name."""

    ARRAY = "ndarray"
    DTYPE = "dtype"
    RECONSTRUCT = "_reconstruct"
    SCALAR = "scalar"


# numpy 1 and 2 write other modules.
_NAMES = {
    ("numpy", "ndarray"): Name.ARRAY,
    ("numpy", "dtype"): Name.DTYPE,
    ("numpy.core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
    ("numpy.core.multiarray", "scalar"): Name.SCALAR,
    ("numpy._core.multiarray", "scalar"): Name.SCALAR,
}


def named(module: object, name: object) -> Name:
    """Return what a pickle names; raise UnpicklingError for what no array of numbers needs."""
    if not isinstance(module, str) or not isinstance(name, str):
        raise pickle.UnpicklingError("the pickle is broken: a name that is no text")
    if (module, name) not in _NAMES:
        raise pickle.UnpicklingError(f"it wants to load {module}.{name}, which no array of numbers needs")
    return _NAMES[module, name]


class Dtype:
    """A dtype as a pickle describes it, first by its name, then by its byte order."""

    def __init__(self, dtype: np.dtype):
        self.dtype = dtype

    @classmethod
    def called(cls, name: object) -> Dtype:
        """Return the dtype of numbers, text or objects with this name (f8, U5, O8); UnpicklingError for others."""
        match = _DTYPE.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            raise pickle.UnpicklingError(f"it has the dtype {name!r:.40}, which no array of numbers has")
        return cls(np.dtype("O") if match["kind"] == "O" else np.dtype(match[0]))

    def set_state(self, state: tuple[Any, ...]) -> None:
        """Take the byte order; the rest of what numpy keeps is known by the name. UnpicklingError for parts."""
        if len(state) < 5 or any(part is not None for part in state[2:5]) or state[1] not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError("it has a dtype of several parts, which no array of numbers has")
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class Array:
    """An array that is being made."""

    def __init__(self) -> None:
        self._array: np.ndarray | None = None

    def finished(self) -> np.ndarray:
        """Return the array; UnpicklingError if its content has not come."""
        if self._array is None:
            raise pickle.UnpicklingError("it has an array without content, or in itself")
        return self._array

    def set_state(self, state: tuple[Any, ...]) -> None:
        """Take shape, dtype and content, a list of objects or the bytes of numbers."""
        if self._array is not None or len(state) != 5:
            raise pickle.UnpicklingError("the pickle is broken: an array is described twice, or not as numpy does")
        _, shape, dtype, column_first, content = state
        if not isinstance(dtype, Dtype) or not isinstance(shape, tuple) or not all(map(_is_length, shape)):
            raise pickle.UnpicklingError("the pickle is broken: an array without shape or dtype")
        if dtype.dtype == object:
            self._array = _objects(content, math.prod(shape)).reshape(shape)  # rows first, however it was in memory
        else:
            flat = _numbers(content, dtype.dtype, math.prod(shape))
            self._array = flat.reshape(shape, order="F" if column_first else "C")


def _is_length(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 40


def _objects(content: object, count: int) -> np.ndarray:
    if type(content) is not list or len(content) != count:
        raise pickle.UnpicklingError("the pickle is broken: an array of objects with more or fewer than it says")
    flat = np.empty(count, object)
    for place, value in enumerate(content):
        flat[place] = value
    return flat


def _numbers(content: object, dtype: np.dtype, count: int) -> np.ndarray:
    if isinstance(content, str):  # Python 2 wrote bytes as text
        content = content.encode("latin-1")
    if not isinstance(content, bytes) or len(content) != count * dtype.itemsize or not dtype.itemsize:
        raise pickle.UnpicklingError("the pickle is broken: an array of numbers with more or fewer than it says")
    # A copy, which can be written to, in the machine's own byte order, as numpy has it.
    return np.frombuffer(content, dtype).astype(dtype.newbyteorder("="))


def scalar(dtype: object, content: object) -> Any:
    """Return a number or text of numpy's (numpy.float64) from its bytes; UnpicklingError for anything else."""
    if not isinstance(dtype, Dtype) or dtype.dtype == object:
        raise pickle.UnpicklingError("the pickle is broken: a scalar of no dtype")
    return _numbers(content, dtype.dtype, 1)[0]


def weight_of(value: object) -> int:
    """Return how many bytes of memory a value takes in a list, without what it holds."""
    return sys.getsizeof(value, 100) + 8
