"""Columns that join results to the file from which their samples came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Key:
    """A column of the input file that identifies the sample, or the step of a sample, that a result belongs to."""

    name: str
    values: np.ndarray  # numbers, dates or strings: (samples,), of steps (sum of lengths,), or (samples, horizon)

    @classmethod
    def of(cls, name: str, values: np.ndarray) -> Key:
        """Return the column as a numpy array of numbers, dates or strings; any other type becomes strings."""
        import numpy as np

        array = np.array(values.tolist()) if values.dtype == object else values
        if array.dtype.kind not in "biufM":
            array = np.array([str(value) for value in array.tolist()])
        return cls(name, array)

    @property
    def cells(self) -> list[Any]:
        """The values for a table."""
        return cells(self.values)


def cells(values: np.ndarray) -> list[Any]:
    """Return dates as ISO 8601 text, no more precise than needed; numbers and strings unchanged."""
    import numpy as np

    if values.dtype.kind != "M":
        return values.tolist()
    coarser: tuple[Literal["D", "s", "us"], ...] = ("D", "s", "us")
    fitting = (unit for unit in coarser if (values == values.astype(f"datetime64[{unit}]")).all())
    texts: list[str] = np.datetime_as_string(values, unit=next(fitting, "ns")).tolist()
    return [text.replace("T", " ") for text in texts]


def as_text(keys: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """Return every value as text."""
    return {name: [*map(str, column)] for name, column in keys.items()}


def between(columns: Mapping[str, Any], first: int, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with a file's `own` behind the `first` ones; an own that is called like another is renamed."""
    return {**dict(islice(columns.items(), first)), **beside(own, columns)}


def beside(keys: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns or arrays of both, keys first; a key whose name another has gets an underscore, or several."""
    found: dict[str, Any] = {}
    for name, values in keys.items():
        while name in others or name in found:
            name = f"{name}_"
        found[name] = values
    return found | dict(others)


def unequal(names: Sequence[str]) -> list[str]:
    """Return the names of columns, a later one that is called like an earlier one with an underscore, or several."""
    found: list[str] = []
    for name in names:
        while name in found:
            name = f"{name}_"
        found.append(name)
    return found
