"""Which steps of a sample are its own, and which are padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.splits import PADDING
from seqrun.components.vocabulary import PAD

if TYPE_CHECKING:
    import numpy as np


def real_steps(inputs: np.ndarray) -> np.ndarray:
    """Return which steps are no padding, (..., time) booleans, of a network's inputs.

    These are token ids (..., time), whole numbers, or values (..., time, features); of these a step is real if one is
    other than PADDING.
    """
    return inputs != PAD if inputs.dtype.kind in "iu" else (inputs != PADDING).any(axis=-1)
