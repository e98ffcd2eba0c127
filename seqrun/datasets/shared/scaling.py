"""From original units to the network's: a column minus its offset, over its scale, both from training rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from seqrun.components.units import squarable
from seqrun.datasets.shared.fields import Scaler
from seqrun.errors import DataError
from seqrun.readable import figure, listed_names

LARGEST = float(np.finfo(np.float32).max)
LOST = 0.01  # of the standard deviation


class Scale(NamedTuple):
    """A column's units: a value in original units is the network's value times `scale` plus `offset`."""

    offset: float = 0.0
    scale: float = 1.0


def fit_scale(kind: Scaler, values: np.ndarray) -> Scale:
    """Return the scale of a column with these training values (rows,) float64.

    A constant column, all of whose values are the same, is only shifted to 0. The scale is infinite if the values are
    so far apart that float64 cannot hold their distance.
    """
    if kind == "none":
        return Scale()
    low, high = float(values.min()), float(values.max())
    if high - low == math.inf:
        return Scale(scale=math.inf)
    if (unit := squarable(max(abs(low), abs(high)))) != 1:
        offset, scale = fit_scale(kind, values / unit)
        return Scale(unit * offset, unit * scale)
    if kind == "minmax":
        return Scale(low, high - low if high > low else 1.0)
    offset, scale = float(values.mean()), float(values.std())
    if low == high:
        return Scale(offset, 1.0)
    if (
        scale <= abs(offset) * len(values) * np.finfo(float).eps
    ):  # which may be rounding: sums are of far larger numbers
        above = values - low
        offset, scale = low + float(above.mean()), float(above.std())
    return Scale(offset, scale)


def check_in_float32(name: str, values: np.ndarray) -> None:
    """Raise DataError if values (rows,) of a column, in the network's units, are larger than any that float32 has."""
    most = float(np.max(np.abs(values), initial=0.0))
    if most > LARGEST:
        raise DataError(
            f"{name} is up to {figure(most)} in the network's units, and float32, in which it computes, ends at "
            f"{figure(LARGEST)}: dataset.scaler: standard brings the values near 0"
        )


def lost_in_float32(values: np.ndarray) -> float | None:
    """Return the step from one float32 to the next among these values (rows,), if it hides how they vary, else None.

    It does where it is more than a hundredth of their standard deviation, as with values near 1e9 that vary by 10.
    """
    low, high = float(values.min()), float(values.max())
    step = float(np.spacing(np.float32(max(abs(low), abs(high)))))
    return step if low < high and step > LOST * (values - low).std() else None


def hidden_warning(steps: Mapping[str, float | None]) -> list[str]:
    """Return a warning of the columns, by name, whose values float32 hides: those with a step (`lost_in_float32`)."""
    told = [f"{name} (in steps of {figure(step)})" for name, step in steps.items() if step is not None]
    if not told:
        return []
    return [
        f"the network cannot see how {listed_names(told)} varies, as it computes in float32, which has 24 bits: "
        "dataset.scaler: standard brings the values near 0"
    ]
