"""An evaluation's samples as a table: each with what is true of it beside what is predicted."""

from __future__ import annotations

from seqrun.components.reading import NewSamples
from seqrun.components.splits import Split
from seqrun.errors import UsageError
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction
from seqrun.inference.results import Results
from seqrun.inference.saved import SavedRun
from seqrun.registry import PREDICTIONS, load

# The columns of a number, {} being its name, and the arrays that hold them.
PARTS = {"target_{}": "targets", "{}": "predictions", "{}_lower": "lower", "{}_upper": "upper"}


def rows_of(saved: SavedRun, found: Evaluation) -> Results:
    """Return the samples, in rows as `seqrun predict` has them, with the labels in front of the predictions."""
    prediction: Prediction = load(PREDICTIONS[saved.spec.target.kind])
    return prediction.evaluated(saved, found)


def samples_of(found: Evaluation) -> NewSamples:
    """Return what the samples are called: as their file has it or, of the run's own data, by the rows there."""
    split = found.labelled.split
    if found.labelled.samples is not None:
        return found.labelled.samples
    if not isinstance(split, Split):
        raise UsageError(f"samples of the kind {type(split).__name__} have no rows")
    return NewSamples(split.inputs, split.index)
