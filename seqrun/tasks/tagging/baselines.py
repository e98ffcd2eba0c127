"""What a tagger must beat: rules and a linear model that look at each step alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.splits import NO_TAG
from seqrun.tasks.tagging.metrics import Guesses

if TYPE_CHECKING:
    from seqrun.components.splits import Spec, Splits

LEARNED_STEPS = 50_000  # the logistic model learns from at most so many, evenly chosen of the training split's


def tag_baselines(splits: Splits) -> dict[str, Guesses]:
    """What each baseline says of the test split; everything is fitted on the training split alone.

    `majority` gives each step the training split's tag frequencies, and so its most frequent tag. Of tokens,
    `token_majority` gives each its own tag frequencies; of values, `logistic` is scikit-learn's logistic regression on
    a step's own features.
    """
    train, test, spec = splits.train, splits.test, splits.spec
    frequencies = _tag_frequencies(train.targets, len(spec.target.tags))
    found = {"majority": _guesses(np.broadcast_to(frequencies, (*test.targets.shape, len(frequencies))), test.targets)}
    if spec.vocabulary is not None:
        table = token_frequencies(train.inputs, train.targets, spec, frequencies)
        tokens = test.inputs  # (samples, time)
        predicted = table.argmax(axis=1)[tokens]
        found["token_majority"] = Guesses(predicted, table[tokens, np.maximum(test.targets, 0)])
    else:
        found["logistic"] = _guesses(step_probabilities(splits), test.targets)
    return found


def _guesses(probabilities: np.ndarray, targets: np.ndarray) -> Guesses:
    given = np.take_along_axis(probabilities, np.maximum(targets, 0)[..., None], axis=-1)[..., 0]
    return Guesses(probabilities.argmax(axis=-1), given)


def _tag_frequencies(targets: np.ndarray, tags: int) -> np.ndarray:
    """(tags,) the share of the real steps that bear each tag."""
    counts = np.bincount(targets[targets != NO_TAG], minlength=tags)
    return counts / counts.sum()


def token_frequencies(tokens: np.ndarray, targets: np.ndarray, spec: Spec, frequencies: np.ndarray) -> np.ndarray:
    """(vocabulary, tags): the share of each tag among a token's occurrences, taken together with one of `frequencies`.

    So the frequencies of all tokens decide between tags that a token bears equally often, and those of a token that
    training has not are theirs.
    """
    counts = np.zeros((spec.vocabulary.size, len(frequencies)))
    real = targets != NO_TAG
    np.add.at(counts, (tokens[real], targets[real]), 1)
    counts += frequencies
    return counts / counts.sum(axis=1, keepdims=True)


def step_probabilities(splits: Splits) -> np.ndarray:
    """(samples, time, tags) of the test split, by logistic regression on standardised features; 0 past the end."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = splits.train, splits.test
    learned, real = train.targets != NO_TAG, test.targets != NO_TAG
    steps, tags = train.inputs[learned], train.targets[learned]
    chosen = np.linspace(0, len(tags) - 1, min(len(tags), LEARNED_STEPS)).astype(int)
    known = np.unique(tags[chosen])
    probabilities = np.zeros((*test.targets.shape, len(splits.spec.target.tags)))  # a tag that training lacks keeps 0
    if len(known) == 1:
        probabilities[real, known] = 1
        return probabilities
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(steps[chosen], tags[chosen])
    predicted = np.zeros((real.sum(), probabilities.shape[-1]))
    predicted[:, known] = model.predict_proba(test.inputs[real])
    probabilities[real] = predicted
    return probabilities
