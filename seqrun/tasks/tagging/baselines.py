"""What a tagger must beat: rules and a linear model that look at each step alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.tasks.tagging.metrics import Guesses

if TYPE_CHECKING:
    from seqrun.components.splits import Split, Splits
    from seqrun.components.targets import TagTarget

LEARNED_STEPS = 50_000  # `logistic` is fitted on at most so many steps, evenly chosen from the training split


def tag_baselines(splits: Splits[Split, TagTarget]) -> dict[str, Guesses]:
    """Return each baseline's predictions of the test split, fitted on the training split alone.

    `majority` predicts the tag frequencies of the training split at every step, and so its most frequent tag. For
    tokens, `token_majority` predicts the tag frequencies of the step's own token; for values, `logistic` is
    scikit-learn's logistic regression on the step's own features.
    """
    train, test, spec = splits.train, splits.test, splits.spec
    frequencies = _tag_frequencies(train.targets, len(spec.target.tags))
    found = {"majority": _guesses(np.broadcast_to(frequencies, (*test.targets.shape, len(frequencies))), test.targets)}
    if spec.vocabulary is not None:
        table = token_frequencies(train.inputs, train.targets, spec.vocabulary.size, frequencies)
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
    """Return each tag's share of the real steps, (tags,)."""
    counts = np.bincount(targets[targets != NO_TAG], minlength=tags)
    return counts / counts.sum()


def token_frequencies(
    tokens: np.ndarray, targets: np.ndarray, vocabulary_size: int, frequencies: np.ndarray
) -> np.ndarray:
    """Return the tag frequencies of each token id, (vocabulary, tags); those of all tokens count as one occurrence.

    So `frequencies`, (tags,), decide between tags that a token has equally often, and stand for a token that does not
    occur. Takes token ids and tag numbers, (samples, time) each.
    """
    counts = np.zeros((vocabulary_size, len(frequencies)))
    real = targets != NO_TAG
    np.add.at(counts, (tokens[real], targets[real]), 1)
    counts += frequencies
    return counts / counts.sum(axis=1, keepdims=True)


def step_probabilities(splits: Splits[Split, TagTarget]) -> np.ndarray:
    """Return probabilities (samples, time, tags) of the test split, 0 past a sample's end.

    They come from logistic regression on the standardised features of single steps.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = splits.train, splits.test
    learned, real = train.targets != NO_TAG, test.targets != NO_TAG
    steps, tags = train.inputs[learned], train.targets[learned]
    chosen = np.linspace(0, len(tags) - 1, min(len(tags), LEARNED_STEPS)).astype(int)
    known = np.unique(tags[chosen])
    count = len(splits.spec.target.tags)
    probabilities = np.zeros((*test.targets.shape, count))  # stays 0 for a tag that training lacks
    if len(known) == 1:
        probabilities[real, known] = 1
        return probabilities
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(steps[chosen], tags[chosen])
    predicted = np.zeros((real.sum(), count))
    predicted[:, known] = model.predict_proba(test.inputs[real])
    probabilities[real] = predicted
    return probabilities
