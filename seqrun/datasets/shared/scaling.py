"""From original units to the network's: each column minus its offset, over its scale, both of training rows alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqrun.datasets.shared.fields import Scaler


class Scale(NamedTuple):
    """A column's units: an original value is the network's times `scale` plus `offset`."""

    offset: float = 0.0
    scale: float = 1.0


def fit_scale(kind: Scaler, values: np.ndarray) -> Scale:
    """Return what scales a column with these training values (rows,); one that never changes is only moved to 0."""
    if kind == "none":
        return Scale()
    if kind == "standard":
        offset, scale = float(values.mean()), float(values.std())
    else:
        offset, scale = float(values.min()), float(values.max() - values.min())
    constant = scale <= abs(offset) * len(values) * np.finfo(float).eps  # what is left is rounding
    return Scale(offset, 1.0 if constant else scale)
