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

WORD_STEPS, NUMBER_STEPS = 1000, 30  # of the solver, at most


def majority(train_targets: np.ndarray, test_targets: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Test metrics of giving each sample the training split's class frequencies, and so its most frequent class."""
    frequencies = np.bincount(train_targets, minlength=len(classes)) / len(train_targets)  # (classes,)
    return _metrics(test_targets, np.tile(frequencies, (len(test_targets), 1)))


def linear(train: Split, test: Split, spec: Spec) -> dict[str, dict[str, float]]:
    """Test metrics of logistic regression on what the network sees (scikit-learn's), under the name of the baseline.

    `tfidf_logistic` is on TF-IDF weights of token ids, `logistic` on standardised numbers. The latter's solver takes no
    more than 30 steps, some seconds on the 60,000 digits of MNIST, where more of them make it no better on the test
    split. See `training.features` for the columns.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    features, learned = fitted_features(train.inputs, spec)
    name, steps = ("tfidf_logistic", WORD_STEPS) if features.name else ("logistic", NUMBER_STEPS)
    if len(np.unique(train.targets[learned])) < 2:  # nothing to tell apart
        return {name: majority(train.targets, test.targets, spec.target.classes)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are limited on purpose
        model = LogisticRegression(max_iter=steps)
        model.fit(features.rows(train.inputs[learned]), train.targets[learned])
    return {name: _predicted(model, features.rows(test.inputs), test.targets, spec.target.classes)}


def _predicted(
    model: LogisticRegression, features: np.ndarray | csr_matrix, targets: np.ndarray, classes: Sequence[str]
) -> dict[str, float]:
    """Metrics of a fitted model on features (n, columns); a class that its training lacked has the probability 0."""
    probabilities = np.zeros((len(targets), len(classes)))
    probabilities[:, model.classes_] = model.predict_proba(features)
    return _metrics(targets, probabilities)


def _metrics(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Metrics of probabilities (n, classes), of which two become one as in the network's output."""
    return classification_metrics(targets, probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities)
