"""Which tag each step of new samples has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from seqrun.components.keys import as_text, beside, between
from seqrun.components.padding import NO_TAG
from seqrun.components.reading import NewSamples
from seqrun.components.targets import TagTarget
from seqrun.inference.evaluated_rows import samples_of
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.tagging.steps import NewSteps


def tag(saved: SavedRun, samples: NewSteps) -> Results:
    """Return a row for each step: its most probable tag and the probability, both None past what the network reads."""
    return _tagged(saved.predict(samples.inputs), saved.spec.of(TagTarget).target.tags, samples)


def _tagged(outputs: np.ndarray, names: Sequence[str], samples: NewSteps, targets: np.ndarray | None = None) -> Results:
    """Return the same of probabilities (samples, time, tags), behind the true tags (samples, time) if they are known.

    A step past what the network reads has no true tag either: no metric counts it.
    """
    time, lengths = outputs.shape[1], np.array([len(steps) for steps in samples.steps])
    beyond = max(lengths.max() - time, 0)  # steps that the longest sample has past what the network reads
    there = np.arange(time + beyond) < lengths[:, None]  # (samples, time + beyond): the steps, each a row
    predicted = np.where(there[:, :time], outputs.argmax(axis=2), NO_TAG)  # (samples, time)
    padding = ((0, 0), (0, beyond))
    numbers = np.pad(predicted, padding, constant_values=NO_TAG)[there]  # (rows,), a sample's after another's
    probabilities = np.pad(outputs.max(axis=2), padding, constant_values=np.nan)[there]
    arrays = {
        **({} if targets is None else {"targets": targets}),
        "predictions": outputs,
        "predicted": predicted.astype(np.int32),
        "tags": np.array(names),
        "index": samples.index,
    }
    true = None if targets is None else np.pad(targets, padding, constant_values=NO_TAG)[there]
    return _table(
        samples,
        {} if true is None else {"target": _named(true, names)},
        _named(numbers, names),
        [value if tagged else None for value, tagged in zip(figures(probabilities), numbers != NO_TAG, strict=True)],
        beside(samples.keys, arrays),
    )


def _named(numbers: np.ndarray, names: Sequence[str]) -> list[str | None]:
    return [names[number] if number != NO_TAG else None for number in numbers]


def _table(
    samples: NewSteps,
    true: Mapping[str, Sequence[str | None]],
    tags: Sequence[str | None],
    probabilities: Sequence[float | None],
    arrays: Mapping[str, Any],
) -> Results:
    """Return the results of all steps, in rows that begin with the names of the sample and of the step."""
    sample, step = samples.names
    columns = beside({step: [*chain.from_iterable(samples.steps)]}, {**true, "tag": tags, "probability": probabilities})
    called = [name for name, steps in zip(samples.samples, samples.steps, strict=True) for _ in steps]
    columns = beside({sample: called}, columns)
    return Results(
        columns=between(columns, 2, samples.own),
        arrays=arrays,
        shown={
            **as_text({name: columns[name] for name in [*columns][:2]}),
            **{name: [tag or "" for tag in column] for name, column in true.items()},
            "tag": [name or "" for name in tags],
            "probability": ["" if value is None else f"{value:.4f}" for value in probabilities],
        },
        numeric=("sentence", "row", "step", "probability"),
    )


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return a row for each step: its tag, the most probable one and its probability."""
    arrays, samples = found.predictions, samples_of(found)
    if found.labelled.samples is None and (vocabulary := saved.spec.vocabulary) is not None:
        real = arrays["targets"] != NO_TAG
        pairs = zip(samples.inputs, real, strict=True)
        samples = replace(samples, tokens=[[vocabulary.decode([id]) for id in ids[there]] for ids, there in pairs])
    steps = NewSteps.of(samples)
    return _tagged(arrays["predictions"], saved.spec.of(TagTarget).target.tags, steps, arrays["targets"])


def _read(saved: SavedRun, request: Request) -> Question:
    samples = read_new(saved, request)
    return Question(lambda: _tag(saved, samples), samples.warnings)


def _tag(saved: SavedRun, samples: NewSamples) -> Results:
    return tag(saved, NewSteps.of(samples))


PREDICTION = Prediction("tag", "tags", frozenset({"text", "input", "column"}), _read, evaluated, _tag)
