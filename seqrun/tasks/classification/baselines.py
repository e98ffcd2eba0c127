"""What a classifier must beat: the class frequencies alone, and a linear model of word counts or of numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.classification.metrics import classification_metrics
from seqrun.training.features import fitted_features

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    from seqrun.components.splits import Spec, Split
    from seqrun.components.targets import ClassTarget

WORD_STEPS, NUMBER_STEPS = 1000, 30  # iterations of the solver, at most, on words and on numbers


def majority(train_targets: np.ndarray, test_targets: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Return the test metrics of predicting for every sample the class frequencies of the training split.

    So the most frequent class is predicted. Takes class numbers, (samples,) each.
    """
    frequencies = np.bincount(train_targets, minlength=len(classes)) / len(train_targets)  # (classes,)
    return metrics_of(test_targets, np.tile(frequencies, (len(test_targets), 1)))


def linear(train: Split, test: Split, spec: Spec[ClassTarget]) -> dict[str, dict[str, float]]:
    """Return the test metrics of scikit-learn's logistic regression on the network's inputs, by the baseline's name.

    `tfidf_logistic` sees TF-IDF weights of token ids, `logistic` standardised numbers (see `training.features`). The
    solver of `logistic` stops after 30 iterations: on the 60,000 digits of MNIST these take some seconds, and more of
    them do not improve the test metrics.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    features, learned = fitted_features(train.inputs, spec)
    name, steps = ("tfidf_logistic", WORD_STEPS) if features.name else ("logistic", NUMBER_STEPS)
    if len(np.unique(train.targets[learned])) < 2:  # nothing to tell apart
        return {name: majority(train.targets, test.targets, spec.target.classes)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # iterations are limited on purpose
        model = LogisticRegression(max_iter=steps)
        model.fit(features.rows(train.inputs[learned]), train.targets[learned])
    return {name: _predicted(model, features.rows(test.inputs), test.targets, spec.target.classes)}


def _predicted(
    model: LogisticRegression, features: np.ndarray | csr_matrix, targets: np.ndarray, classes: Sequence[str]
) -> dict[str, float]:
    """Return the metrics of a fitted model on features (n, columns); a class unknown to it has probability 0."""
    probabilities = np.zeros((len(targets), len(classes)))
    probabilities[:, model.classes_] = model.predict_proba(features)
    return metrics_of(targets, probabilities)


def metrics_of(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return the metrics of probabilities (n, classes); of two classes the second's alone count, as in a network."""
    return classification_metrics(targets, probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities)
