"""Which test samples to show a person: those predicted best, and those predicted worst."""

from __future__ import annotations

import json

import numpy as np

from seqrun.components.splits import Spec, Split
from seqrun.components.targets import NumbersTarget

EACH = 3


def telling_samples(targets: np.ndarray, predictions: np.ndarray, scale: np.ndarray) -> list[int]:
    """Return the numbers of up to three samples of the least error, then of the largest; errors are over `scale`.

    Takes targets and predictions (samples, targets), and scale (targets,), by which targets of all units count alike.
    """
    errors = (np.abs(targets - predictions) / scale).mean(axis=1)
    order = np.argsort(errors, kind="stable").tolist()
    worst = [number for number in order[::-1][:EACH] if number not in order[:EACH]]
    return [*order[:EACH], *worst]


def regression_examples(spec: Spec[NumbersTarget], split: Split, predictions: np.ndarray) -> bytes | None:
    """Return `artifacts/examples.json`: decoded samples with their numbers and the predicted ones; None: no texts."""
    if spec.vocabulary is None:
        return None
    names, scale = spec.target.names, np.asarray(spec.target.scale)
    rows = [
        {
            "text": spec.vocabulary.decode(split.inputs[number]),
            "numbers": {
                name: {"target": float(split.targets[number, column]), "prediction": float(predictions[number, column])}
                for column, name in enumerate(names)
            },
            "row": int(split.index[number]),
        }
        for number in telling_samples(split.targets, predictions, scale)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
