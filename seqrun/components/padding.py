"""Which steps of a sample are real and which are padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.splits import PADDING
from seqrun.components.vocabulary import PAD

if TYPE_CHECKING:
    import numpy as np


def real_steps(inputs: np.ndarray) -> np.ndarray:
    """Return booleans (..., time): which steps of a network's inputs are real, not padding.

    The inputs are token ids (..., time) or values (..., time, features). A step of values is real if any feature
    differs from PADDING.
    """
    return inputs != PAD if inputs.dtype.kind in "iu" else (inputs != PADDING).any(axis=-1)
