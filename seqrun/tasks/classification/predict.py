"""Which class each new sample belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqrun.components.reading import NewSamples
from seqrun.components.targets import ClassTarget
from seqrun.errors import InputError, Parameter
from seqrun.inference.evaluated_rows import samples_of
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request, probability
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.classification.fit import probabilities


def classify(saved: SavedRun, samples: NewSamples, threshold: float | None = None) -> Results:
    """Return each sample's predicted class and the probability of every class.

    Of two classes the second is predicted if its probability is above 0.5 or, with a `threshold`, at least that.
    """
    outputs = saved.predict(samples.inputs)  # (samples, units)
    return _classified(probabilities(outputs), saved.spec.of(ClassTarget).target.classes, threshold).named_by(samples)


def _classified(
    found: np.ndarray, classes: Sequence[str], threshold: float | None = None, targets: np.ndarray | None = None
) -> Results:
    """Return the same of probabilities (samples,) or (samples, classes), behind the true class if it is known."""
    table = np.stack([1 - found, found], axis=1) if found.ndim == 1 else found
    predicted = table.argmax(axis=1) if threshold is None else (table[:, 1] >= threshold).astype(np.int64)
    names = [classes[number] for number in predicted]
    true = {} if targets is None else {"target": [classes[number] for number in targets]}
    cells = {f"p({name})": [f"{p:.4f}" for p in table[:, number]] for number, name in enumerate(classes)}
    return Results(
        columns={
            **true,
            "predicted": names,
            **{f"probability_{name}": figures(table[:, number]) for number, name in enumerate(classes)},
        },
        arrays={
            **({} if targets is None else {"targets": targets}),
            "predictions": found,
            "predicted": predicted,
            "classes": np.array(classes),
        },
        shown={**true, "predicted": names, **cells},
        numeric=tuple(cells),
    )


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return each sample's class, the predicted one and the probability of every class."""
    arrays, classes = found.predictions, saved.spec.of(ClassTarget).target.classes
    return _classified(arrays["predictions"], classes, targets=arrays["targets"]).named_by(samples_of(found))


def read_threshold(saved: SavedRun, given: float | str | None) -> float | None:
    """Return the threshold that a request gives: a probability, or `chosen`: the one that the run chose on validation.

    Raises InputError if it is neither, or the run has no use for one.
    """
    if given is None:
        return None
    threshold, count = Parameter("threshold", given), len(saved.spec.of(ClassTarget).target.classes)
    if count != 2:
        raise InputError(threshold, f": is for two classes, and the run has {count}: the likeliest is predicted")
    if given == "chosen":
        chosen = ((saved.run.metrics or {}).get("test") or {}).get("threshold")
        if chosen is None:
            raise InputError(threshold, f": {saved.run.path} chose none on validation")
        return chosen
    return probability(threshold, "or chosen")


def _read(saved: SavedRun, request: Request) -> Question:
    threshold = read_threshold(saved, request.threshold)
    samples = read_new(saved, request)
    return Question(lambda: classify(saved, samples, threshold), samples.warnings)


PREDICTION = Prediction(
    "classify", "classifies", frozenset({"text", "input", "column", "threshold"}), _read, evaluated, classify
)
