"""Which tag each step of new samples has."""

from __future__ import annotations

from itertools import chain

import numpy as np

from seqrun.components import NO_TAG
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun
from seqrun.inference.steps import NewSteps


def tag(saved: SavedRun, samples: NewSteps) -> Results:
    """A row a step: its likeliest tag and the probability of that; none past what the network reads."""
    outputs = saved.predict(samples.inputs)  # (samples, time, tags)
    time, lengths = outputs.shape[1], np.array([len(steps) for steps in samples.steps])
    predicted = np.where(np.arange(time) < lengths[:, None], outputs.argmax(axis=2), NO_TAG)  # (samples, time)
    rows = np.nonzero(np.arange(lengths.max()) < lengths[:, None])  # the sample and the step of each row
    read = rows[1] < time
    numbers, probabilities = np.full(len(read), NO_TAG), np.full(len(read), np.nan)
    numbers[read] = predicted[rows[0][read], rows[1][read]]
    probabilities[read] = outputs[rows[0][read], rows[1][read], numbers[read]]
    sample, step = samples.names
    first = {sample: samples.index[rows[0]].tolist(), step: [*chain.from_iterable(samples.steps)]}
    tags = [saved.spec.target.tags[number] if number != NO_TAG else None for number in numbers]
    given = [value if known else None for value, known in zip(figures(probabilities), read, strict=True)]
    return Results(
        columns={**first, "tag": tags, "probability": given},
        arrays={
            "predictions": outputs,
            "predicted": predicted.astype(np.int32),
            "tags": np.array(saved.spec.target.tags),
            "index": samples.index,
        },
        shown={
            **{name: [*map(str, column)] for name, column in first.items()},
            "tag": [name or "" for name in tags],
            "probability": ["" if value is None else f"{value:.4f}" for value in given],
        },
        numeric=(sample, *([step] if step == "step" else []), "probability"),
    )
