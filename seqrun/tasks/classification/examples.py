"""Which test samples to show a person: the surest hits, the surest misses and the closest calls."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from seqrun.components.splits import Spec, Split


def telling_samples(targets: np.ndarray, probabilities: np.ndarray, each: int = 2) -> list[int]:
    """Up to `each` sample numbers of each kind; probabilities (n,) of the second class, or (n, classes)."""
    table = np.stack([1 - probabilities, probabilities], axis=1) if probabilities.ndim == 1 else probabilities
    right = table.argmax(axis=1) == targets
    surest_first = np.argsort(-table.max(axis=1), kind="stable")
    chosen = [*surest_first[right[surest_first]][:each], *surest_first[~right[surest_first]][:each]]
    chosen += [number for number in surest_first[::-1] if number not in chosen][:each]
    return [int(number) for number in chosen]


def classified_examples(spec: Spec, split: Split, probabilities: np.ndarray) -> bytes:
    """`artifacts/examples.json`: decoded samples with their class and what the network said; texts only."""
    table = np.stack([1 - probabilities, probabilities], axis=1) if probabilities.ndim == 1 else probabilities
    classes: Sequence[str] = spec.target.classes
    rows = [
        {
            "text": spec.vocabulary.decode(split.inputs[number]),
            "target": classes[split.targets[number]],
            "prediction": classes[table[number].argmax()],
            "probability": float(table[number].max()),
            "row": int(split.index[number]),
        }
        for number in telling_samples(split.targets, probabilities)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
