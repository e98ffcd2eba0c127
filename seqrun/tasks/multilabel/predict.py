"""Which labels each new sample has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqrun.components.reading import NewSamples
from seqrun.components.targets import LabelsTarget
from seqrun.errors import InputError, Parameter
from seqrun.inference.evaluated_rows import samples_of
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request, probability
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.multilabel.examples import chosen
from seqrun.tasks.multilabel.metrics import at_thresholds
from seqrun.tasks.multilabel.thresholds import KEPT, THRESHOLDS_FILE, UNKNOWN, kept_thresholds

BETWEEN = "; "  # the labels of a sample, where a cell holds them all
NONE = "—"


def label(saved: SavedRun, samples: NewSamples, thresholds: np.ndarray) -> Results:
    """Return each sample's labels, whose probabilities reach their thresholds (labels,), and all probabilities."""
    names = saved.spec.of(LabelsTarget).target.names
    return _labelled(saved.predict(samples.inputs), names, thresholds).named_by(samples)


def _labelled(
    outputs: np.ndarray, names: Sequence[str], thresholds: np.ndarray, targets: np.ndarray | None = None
) -> Results:
    """Return the same of probabilities (samples, labels), behind the true labels if they are known."""
    predicted = at_thresholds(outputs, thresholds)
    found = [BETWEEN.join(chosen(row, names)) for row in predicted]
    true = {} if targets is None else {"target": [BETWEEN.join(chosen(row, names)) for row in targets > 0]}
    cells = {f"p({name})": [f"{p:.4f}" for p in column] for name, column in zip(names, outputs.T, strict=True)}
    return Results(
        columns={
            **true,
            "predicted": found,
            **{f"probability_{name}": figures(column) for name, column in zip(names, outputs.T, strict=True)},
        },
        arrays={
            **({} if targets is None else {"targets": targets}),
            "predictions": outputs,
            "predicted": predicted.astype(np.int32),
            "labels": np.array(names),
            "thresholds": thresholds,
        },
        shown={**true, "predicted": [each or NONE for each in found], **cells},
        numeric=tuple(cells),
    )


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return each sample's labels, those predicted at the run's thresholds, and the probabilities of all."""
    arrays, names = found.predictions, saved.spec.of(LabelsTarget).target.names
    kept = kept_thresholds(saved.kept(THRESHOLDS_FILE, KEPT), names)
    thresholds = np.full(len(names), UNKNOWN) if kept is None else kept
    return _labelled(arrays["predictions"], names, thresholds, arrays["targets"]).named_by(samples_of(found))


def read_thresholds(saved: SavedRun, given: float | str | None) -> np.ndarray:
    """Return the threshold of each label, (labels,): a probability that is given for all, else what the run chose.

    `chosen` asks for the run's own too. Raises InputError for what is no probability, or if the run has kept none.
    """
    names, threshold = saved.spec.of(LabelsTarget).target.names, Parameter("threshold", given)
    if given is None or given == "chosen":
        kept = kept_thresholds(saved.kept(THRESHOLDS_FILE, KEPT), names)
        if kept is None:
            raise InputError(
                f"{saved.run.path} has kept no thresholds; give one for all labels, ", Parameter("threshold", form="P")
            )
        return kept
    return np.full(len(names), probability(threshold, "for all labels, or chosen"))


def _label(saved: SavedRun, samples: NewSamples) -> Results:
    return label(saved, samples, read_thresholds(saved, None))


def _read(saved: SavedRun, request: Request) -> Question:
    thresholds = read_thresholds(saved, request.threshold)
    samples = read_new(saved, request)
    return Question(lambda: label(saved, samples, thresholds), samples.warnings)


PREDICTION = Prediction(
    "label", "labels", frozenset({"text", "input", "column", "threshold"}), _read, evaluated, _label
)
