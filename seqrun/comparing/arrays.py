"""The arrays that a run keeps in files: its weights and its predictions."""

from __future__ import annotations

import numpy as np

from seqrun.inference.kept import kept_arrays
from seqrun.inference.weights import weight_arrays
from seqrun.rundir.reading import WEIGHTS, RunRecord


def arrays_of(run: RunRecord, name: str) -> dict[str, np.ndarray]:
    """Return the arrays in `model.weights.h5` or `predictions.npz`; UsageError for a damaged file."""
    return weight_arrays(run) if name == WEIGHTS else kept_arrays(run)
