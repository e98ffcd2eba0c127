"""Which test samples to show a person: the surest hits, the surest misses and the closest calls."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from seqrun.components.splits import Split
from seqrun.components.vocabulary import Vocabulary


def telling_samples(targets: np.ndarray, probabilities: np.ndarray, each: int = 2) -> list[int]:
    """Return the numbers of up to `each` hits, misses and close calls, in this order.

    Takes class numbers (n,), and probabilities (n,) of the second of two classes or (n, classes).
    """
    table = _of_each_class(probabilities)
    right = table.argmax(axis=1) == targets
    surest_first = np.argsort(-table.max(axis=1), kind="stable")
    chosen = [*surest_first[right[surest_first]][:each], *surest_first[~right[surest_first]][:each]]
    chosen += [number for number in surest_first[::-1] if number not in chosen][:each]
    return [int(number) for number in chosen]


def classified_examples(
    vocabulary: Vocabulary, classes: Sequence[str], split: Split, probabilities: np.ndarray
) -> bytes:
    """Return the content of `artifacts/examples.json`: a few texts, each with its class and the predicted one."""
    table = _of_each_class(probabilities)
    rows = [
        {
            "text": vocabulary.decode(split.inputs[number]),
            "target": classes[split.targets[number]],
            "prediction": classes[table[number].argmax()],
            "probability": float(table[number].max()),
            "row": int(split.index[number]),
        }
        for number in telling_samples(split.targets, probabilities)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


def _of_each_class(probabilities: np.ndarray) -> np.ndarray:
    """Return (n, classes) of probabilities (n,) of the second of two classes, or (n, classes)."""
    return np.stack([1 - probabilities, probabilities], axis=1) if probabilities.ndim == 1 else probabilities
