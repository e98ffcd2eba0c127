"""Arrays of objects, and the text in them that numpy's files hold as bytes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np


def of_objects(items: Iterable[object]) -> np.ndarray:
    """Return an array (items,) of these objects, each as it is: numpy would make one array of lists or arrays."""
    items = list(items)
    array = np.empty(len(items), object)
    for n, item in enumerate(items):
        array[n] = item
    return array


def factorized(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each object, -1 where it is missing, and the distinct objects by their numbers.

    What cannot be compared, such as a list, stands there as a tuple of its text.
    """
    import pandas as pd

    try:
        return pd.factorize(array)
    except TypeError:
        return pd.factorize(of_objects(each if isinstance(each, Hashable) else (str(each),) for each in array))


def as_text(array: np.ndarray, encoding: str) -> np.ndarray:
    """Return an array in which bytes, be it of bytes or of objects, are text.

    Bytes that cannot be decoded are lone surrogates, as in files of text, so that only their sample is at fault.
    """
    if array.dtype.kind == "S":
        array = array.astype(object)
    if array.dtype != object:
        return array
    return of_objects(_as_text(item, encoding) for item in array.ravel()).reshape(array.shape)


def _as_text(item: object, encoding: str) -> object:
    if isinstance(item, bytes):
        return item.decode(encoding, errors="surrogateescape")
    if isinstance(item, list):
        return [_as_text(each, encoding) for each in item]
    return as_text(item, encoding) if isinstance(item, np.ndarray) else item
