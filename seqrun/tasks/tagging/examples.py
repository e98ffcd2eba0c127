"""Which tagged sentences to show a person: some from the easiest to the hardest."""

from __future__ import annotations

import json

import numpy as np

from seqrun.components.splits import NO_TAG, Spec, Split
from seqrun.tasks.classification.metrics import mean_nats
from seqrun.tasks.tagging.metrics import Guesses


def tagged_examples(spec: Spec, split: Split, guesses: Guesses, count: int = 6) -> bytes:
    """`artifacts/examples.json`: sentences from the easiest to the hardest, with the true tags and those predicted."""
    real = split.targets != NO_TAG
    surprise = np.array(
        [mean_nats(given[mask].astype(np.float64)) for given, mask in zip(guesses.given, real, strict=True)]
    )
    chosen = np.argsort(surprise, kind="stable")[np.unique(np.linspace(0, len(split) - 1, count).astype(int))]
    tags = np.array(spec.target.tags, dtype=object)
    rows = [
        {
            "row": int(split.index[number]),
            "tokens": [spec.vocabulary.decode([token]) for token in split.inputs[number][real[number]]],
            "targets": tags[split.targets[number][real[number]]].tolist(),
            "predictions": tags[guesses.predicted[number][real[number]]].tolist(),
        }
        for number in chosen
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
