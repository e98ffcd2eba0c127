"""Which tagged sentences to show a person: some from the easiest to the hardest."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.components.splits import Split
from seqrun.components.vocabulary import Vocabulary
from seqrun.tasks.classification.metrics import mean_nats
from seqrun.tasks.tagging.metrics import Guesses


def tagged_examples(
    vocabulary: Vocabulary, tags: Sequence[str], split: Split, guesses: Guesses, count: int = 6
) -> bytes:
    """Return the content of `artifacts/examples.json`: sentences with their true and their predicted tags.

    They go from the easiest to the hardest, by the mean cross-entropy of a sentence's steps.
    """
    real = split.targets != NO_TAG
    difficulty = np.array(
        [mean_nats(given[mask].astype(np.float64)) for given, mask in zip(guesses.given, real, strict=True)]
    )
    chosen = np.argsort(difficulty, kind="stable")[np.unique(np.linspace(0, len(split) - 1, count).astype(int))]
    names = np.array(tags, dtype=object)
    rows = [
        {
            "row": int(split.index[number]),
            "tokens": [vocabulary.decode([token]) for token in split.inputs[number][real[number]]],
            "targets": names[split.targets[number][real[number]]].tolist(),
            "predictions": names[guesses.predicted[number][real[number]]].tolist(),
        }
        for number in chosen
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
