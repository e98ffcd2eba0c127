"""What a network's numbers are in original units, and original numbers in the network's; and units for squares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SQUARABLE = 1e-100, 1e100  # sizes whose squares float64 holds, and sums of many such


def squarable(size: float) -> float:
    """Return what numbers up to this size are to be divided by before they are squared: 1 for almost all of them.

    Of numbers near 1e-300 the square is 0 in float64, of numbers near 1e300 it is infinite. For those it is a power of
    two, by which division is exact.
    """
    least, most = SQUARABLE
    if not size or least <= size <= most or not math.isfinite(size):
        return 1.0
    return math.ldexp(1.0, math.frexp(size)[1] - 1)


def squarable_columns(values: np.ndarray) -> np.ndarray:
    """Return `squarable` of each column of values (..., columns), of which some may be nan: (columns,)."""
    import numpy as np

    axes = tuple(range(values.ndim - 1))
    if not values.size:
        return np.ones(values.shape[-1])
    highest, lowest = np.fmax.reduce(values, axis=axes), np.fmin.reduce(values, axis=axes)
    return np.array([squarable(float(size)) for size in np.fmax(np.abs(highest), np.abs(lowest))])


@dataclass(frozen=True)
class Units:
    """A number in original units is the network's times `scale` plus `offset`.

    Both are float64: (columns,), or (samples, 1, columns) where samples have units of their own.
    """

    offset: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, offset: Sequence[float], scale: Sequence[float]) -> Units:
        """Return the units of columns with these offsets and scales, (columns,)."""
        import numpy as np

        return cls(np.asarray(offset, np.float64), np.asarray(scale, np.float64))

    def original(self, values: np.ndarray) -> np.ndarray:
        """Return the network's values (..., columns) in original units, float64."""
        return values * self.scale + self.offset

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return values (..., columns) in original units as the network's, float64."""
        return (values - self.offset) / self.scale

    def at(self, samples: slice) -> Units:
        """Return the units of these samples."""
        return Units(self.offset[samples], self.scale[samples]) if self.scale.ndim == 3 else self


def check_scales(targets: int, found: Iterable[object]) -> None:
    """Raise ValueError unless each of these is as many numbers as there are targets, or one for all of them."""
    for numbers in found:
        if not isinstance(numbers, tuple) or len(numbers) not in (1, targets) or tuple in map(type, numbers):
            raise ValueError("not one offset and one scale for each target")
