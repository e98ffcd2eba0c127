"""What a classifier predicted of its test split, as a table."""

from __future__ import annotations

import numpy as np

from seqrun.components.reading import ROW
from seqrun.components.targets import ClassTarget
from seqrun.inference.kept import Columns, KeptPredictions


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a sample: its class, the predicted one, and the probability of each."""
    classes = np.array(kept.spec.of(ClassTarget).target.classes, object)
    scores = kept.arrays["predictions"]  # (samples,) of the second class, or (samples, classes)
    table = np.stack([1 - scores, scores], axis=1) if scores.ndim == 1 else scores
    return {
        ROW: kept.rows,
        "target": classes[kept.arrays["targets"]],
        "predicted": classes[table.argmax(axis=1)],
        **{f"probability_{name}": table[:, number] for number, name in enumerate(classes)},
    }
