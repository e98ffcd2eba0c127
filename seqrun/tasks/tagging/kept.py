"""What a tagger predicted of its test split, as a table."""

from __future__ import annotations

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.components.reading import ROW
from seqrun.components.targets import TagTarget
from seqrun.inference.kept import Columns, KeptPredictions

STEP = "step"


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a tagged step: its tag, the predicted one, and that one's probability; `step` counts from 0."""
    tags = np.array(kept.spec.of(TagTarget).target.tags, object)
    targets, outputs = kept.arrays["targets"], kept.arrays["predictions"]  # (samples, time), (samples, time, tags)
    samples, steps = np.nonzero(targets != NO_TAG)
    there = outputs[samples, steps]  # (rows, tags)
    return {
        ROW: kept.rows[samples],
        STEP: steps,
        "target": tags[targets[samples, steps]],
        "tag": tags[there.argmax(axis=1)],
        "probability": there.max(axis=1),
    }
