"""What a network's numbers are in original units, and original numbers in the network's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


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
