"""Which test texts to show a person: the best understood, the worst, and what lies in the middle."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from seqrun.components.splits import Spec, Split
from seqrun.components.targets import LabelsTarget
from seqrun.tasks.multilabel.metrics import at_thresholds


def telling_samples(targets: np.ndarray, probabilities: np.ndarray, each: int = 2) -> list[int]:
    """Return the numbers of up to `each` samples of the least cross-entropy, of the largest, and from the middle.

    Takes targets and probabilities (samples, labels).
    """
    given = np.where(np.asarray(targets) > 0, probabilities, 1 - probabilities).astype(np.float64)
    order = np.argsort(-np.log(np.maximum(given, 1e-12)).mean(axis=1), kind="stable")
    middle = (len(order) - each) // 2
    picked = [*order[:each], *order[::-1][:each], *order[max(middle, 0) :][:each]]
    return [int(number) for number in dict.fromkeys(picked)]


def labelled_examples(
    spec: Spec[LabelsTarget], split: Split, probabilities: np.ndarray, thresholds: np.ndarray
) -> bytes:
    """Return the content of `artifacts/examples.json`: a few texts, each with its labels and those predicted."""
    vocabulary, names = spec.vocabulary, spec.target.names
    if vocabulary is None:
        raise ValueError("samples without a vocabulary cannot be shown as texts")
    predicted = at_thresholds(probabilities, thresholds)
    rows = [
        {
            "text": vocabulary.decode(split.inputs[number]),
            "labels": chosen(split.targets[number], names),
            "predicted_labels": chosen(predicted[number], names),
            "row": int(split.index[number]),
        }
        for number in telling_samples(split.targets, probabilities)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


def chosen(which: np.ndarray, names: Sequence[str]) -> list[str]:
    """Return the names of the labels that are true in `which`, (labels,)."""
    return [name for name, is_there in zip(names, which, strict=True) if is_there]
