"""Which class each new sample belongs to."""

from __future__ import annotations

import numpy as np

from seqrun.components.reading import NewSamples
from seqrun.components.targets import ClassTarget
from seqrun.errors import InputError, Parameter
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request, probability
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun


def classify(saved: SavedRun, samples: NewSamples, threshold: float | None = None) -> Results:
    """Return each sample's predicted class and the probability of every class.

    Of two classes the second is predicted if its probability is above 0.5 or, with a `threshold`, at least that.
    """
    classes = saved.spec.of(ClassTarget).target.classes
    outputs = saved.predict(samples.inputs)  # (samples, units)
    table = np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
    predicted = table.argmax(axis=1) if threshold is None else (table[:, 1] >= threshold).astype(np.int64)
    names = [classes[number] for number in predicted]
    cells = {f"p({name})": [f"{p:.4f}" for p in table[:, number]] for number, name in enumerate(classes)}
    results = Results(
        columns={
            "predicted": names,
            **{f"probability_{name}": figures(table[:, number]) for number, name in enumerate(classes)},
        },
        arrays={
            "predictions": outputs[:, 0] if outputs.shape[1] == 1 else outputs,
            "predicted": predicted,
            "classes": np.array(classes),
        },
        shown={"predicted": names, **cells},
        numeric=tuple(cells),
    )
    return results.named_by(samples)


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


PREDICTION = Prediction("classify", "classifies", frozenset({"text", "input", "column", "threshold"}), _read)
