"""The arrays that a run keeps in files: its weights and its predictions."""

from __future__ import annotations

import filecmp
from pathlib import Path

import numpy as np

from seqrun.errors import UsageError
from seqrun.inference.kept import kept_arrays
from seqrun.inference.weights import weight_arrays
from seqrun.rundir.reading import WEIGHTS, RunRecord


def same_bytes(one: Path, other: Path) -> bool:
    """Return whether two files hold the same; UsageError for one that cannot be read."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError as error:
        raise UsageError(f"{error.filename or one}: cannot be read: {error.strerror}") from None


def arrays_of(run: RunRecord, name: str) -> dict[str, np.ndarray]:
    """Return the arrays in `model.weights.h5` or `predictions.npz`; UsageError for a damaged file."""
    return weight_arrays(run) if name == WEIGHTS else kept_arrays(run)
