"""What a multi-label network predicted of its test split, as a table."""

from __future__ import annotations

import numpy as np

from seqrun.components.reading import ROW
from seqrun.components.targets import LabelsTarget
from seqrun.inference.kept import Columns, KeptPredictions
from seqrun.tasks.multilabel.examples import chosen
from seqrun.tasks.multilabel.metrics import at_thresholds
from seqrun.tasks.multilabel.predict import BETWEEN
from seqrun.tasks.multilabel.thresholds import KEPT, THRESHOLDS_FILE, UNKNOWN, kept_thresholds


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a sample: its labels, those predicted at the run's own thresholds, and the probability of each."""
    names = kept.spec.of(LabelsTarget).target.names
    outputs = kept.arrays["predictions"]  # (samples, labels)
    thresholds = kept_thresholds(kept.artifact(THRESHOLDS_FILE, KEPT), names)
    predicted = at_thresholds(outputs, np.full(len(names), UNKNOWN) if thresholds is None else thresholds)
    return {
        ROW: kept.rows,
        "target": _joined(kept.arrays["targets"] > 0, names),
        "predicted": _joined(predicted, names),
        **{f"probability_{name}": column for name, column in zip(names, outputs.T, strict=True)},
    }


def _joined(there: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the labels of each sample, (samples, labels) booleans, as text."""
    return np.array([BETWEEN.join(chosen(row, names)) for row in there], object)
