"""From original units to the network's: a column minus its offset, over its scale, both from training rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqrun.datasets.shared.fields import Scaler


class Scale(NamedTuple):
    """A column's units: a value in original units is the network's value times `scale` plus `offset`."""

    offset: float = 0.0
    scale: float = 1.0


def fit_scale(kind: Scaler, values: np.ndarray) -> Scale:
    """Return the scale of a column with these training values (rows,); a constant column is only shifted to 0."""
    if kind == "none":
        return Scale()
    if kind == "standard":
        offset, scale = float(values.mean()), float(values.std())
    else:
        offset, scale = float(values.min()), float(values.max() - values.min())
    constant = scale <= abs(offset) * len(values) * np.finfo(float).eps  # what is left is rounding
    return Scale(offset, 1.0 if constant else scale)
