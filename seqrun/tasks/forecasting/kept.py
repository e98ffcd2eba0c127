"""What a forecaster predicted of its test split, as a table."""

from __future__ import annotations

import numpy as np

from seqrun.components.reading import ROW
from seqrun.components.targets import SeriesTarget
from seqrun.inference.evaluated_rows import PARTS
from seqrun.inference.kept import Columns, KeptPredictions

STEP = "step"


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a step of each forecast, in original units, with the bounds of its interval if the run has them.

    `row` is the last one that the forecast is made from, `step` counts from 1.
    """
    names, predictions = kept.spec.of(SeriesTarget).target.names, kept.arrays["predictions"]
    samples, horizon, _ = predictions.shape  # (samples, horizon, targets)
    found = {ROW: np.repeat(kept.rows, horizon), STEP: np.tile(np.arange(1, horizon + 1), samples)}
    for target, name in enumerate(names):
        for what, array in PARTS.items():
            if array in kept.arrays:
                found[what.format(name)] = kept.arrays[array][..., target].ravel()
    return found
