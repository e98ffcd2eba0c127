"""Which steps of a sample are real and which are padding, and what fills the latter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.vocabulary import PAD

if TYPE_CHECKING:
    import numpy as np

# Fills the steps past a sample's end, to be masked. No 16-bit sound has it (they end at -32,768), and float16 and
# bfloat16 hold it exactly.
PADDING = -33_024.0
NO_TAG = -1  # the tag of a step past a sample's end


def real_steps(inputs: np.ndarray) -> np.ndarray:
    """Return booleans (..., time): which steps of a network's inputs are real, not padding.

    The inputs are token ids (..., time) or values (..., time, features). A step of values is real if any feature
    differs from PADDING.
    """
    return inputs != PAD if inputs.dtype.kind in "iu" else (inputs != PADDING).any(axis=-1)
