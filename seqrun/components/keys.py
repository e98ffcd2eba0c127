"""The columns by which results are joined to the file that their samples came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Key:
    """A column of the input that says of which sample, or of which step of it, a result is."""

    name: str
    values: np.ndarray  # numbers, dates or strings: (samples,), of steps (sum of lengths,), or (samples, horizon)

    @classmethod
    def of(cls, name: str, values: np.ndarray) -> Key:
        """Values as numpy has them; what is neither number nor date becomes a string."""
        import numpy as np

        array = np.array(values.tolist()) if values.dtype == object else values
        if array.dtype.kind not in "biufM":
            array = np.array([str(value) for value in array.tolist()])
        return cls(name, array)

    @property
    def cells(self) -> list:
        """Its values for a table."""
        return cells(self.values)


def cells(values: np.ndarray) -> list:
    """Dates as ISO 8601 writes them, no finer than they are; numbers and strings as they are."""
    import numpy as np

    if values.dtype.kind != "M":
        return values.tolist()
    fitting = (unit for unit in ("D", "s", "us") if (values == values.astype(f"datetime64[{unit}]")).all())
    texts = np.datetime_as_string(values, unit=next(fitting, "ns"))
    return [text.replace("T", " ") for text in texts.tolist()]


def as_text(keys: Mapping[str, Sequence]) -> dict[str, list[str]]:
    """Keys for people."""
    return {name: [*map(str, column)] for name, column in keys.items()}


def beside(keys: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns or arrays of both, keys first; a key that is called like one of the others gets an underscore."""
    return {f"{name}_" if name in others else name: values for name, values in keys.items()} | dict(others)
