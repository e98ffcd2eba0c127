"""Which tag each step of new samples has."""

from __future__ import annotations

from itertools import chain

import numpy as np

from seqrun.components.keys import as_text, beside
from seqrun.components.splits import NO_TAG
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.tagging.steps import NewSteps


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
    tags = [saved.spec.target.tags[number] if number != NO_TAG else None for number in numbers]
    given = [value if known else None for value, known in zip(figures(probabilities), read, strict=True)]
    columns = beside({step: [*chain.from_iterable(samples.steps)]}, {"tag": tags, "probability": given})
    columns = beside({sample: [samples.samples[number] for number in rows[0].tolist()]}, columns)
    arrays = {
        "predictions": outputs,
        "predicted": predicted.astype(np.int32),
        "tags": np.array(saved.spec.target.tags),
        "index": samples.index,
    }
    return Results(
        columns=columns,
        arrays=beside(samples.keys, arrays),
        shown={
            **as_text({name: columns[name] for name in [*columns][:2]}),
            "tag": [name or "" for name in tags],
            "probability": ["" if value is None else f"{value:.4f}" for value in given],
        },
        numeric=("sentence", "row", "step", "probability"),
    )


def _read(saved: SavedRun, request: Request) -> Question:
    samples = read_new(saved, request)
    return Question(lambda: tag(saved, NewSteps.of(samples, saved.spec)), samples.warnings)


PREDICTION = Prediction("tag", "tags", frozenset({"text", "input", "column"}), _read)
