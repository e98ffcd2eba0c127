"""What a classifier must beat: the class frequencies alone, and a linear model of word counts or of numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.classification.metrics import classification_metrics
from seqrun.training.flattened import Flattened

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    from seqrun.components.splits import Split

MOST_NUMBERS, SOLVER_STEPS = 50_000_000, 30  # of a logistic regression on numbers
FIRST_WORD = 3  # 0 is padding, 1 the start mark, 2 the unknown word


def majority(train_targets: np.ndarray, test_targets: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Test metrics of giving each sample the training split's class frequencies, and so its most frequent class."""
    frequencies = np.bincount(train_targets, minlength=len(classes)) / len(train_targets)  # (classes,)
    return _metrics(test_targets, np.tile(frequencies, (len(test_targets), 1)))


def tfidf_logistic(train: Split, test: Split, vocabulary_size: int, classes: Sequence[str]) -> dict[str, float]:
    """Test metrics of logistic regression on the TF-IDF weights of the token ids that the network sees.

    Single tokens, not pairs, with sublinear counts; padding, start mark and unknown word are left out. Weights and
    model are fitted on the training split alone (scikit-learn's TfidfTransformer and LogisticRegression).
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(train.targets)) < 2:  # nothing to tell apart
        return majority(train.targets, test.targets, classes)
    weights = TfidfTransformer(sublinear_tf=True)
    features = weights.fit_transform(token_counts(train.inputs, vocabulary_size))
    model = LogisticRegression(max_iter=1000).fit(features, train.targets)
    return _predicted(model, weights.transform(token_counts(test.inputs, vocabulary_size)), test.targets, classes)


def logistic(train: Split, test: Split, classes: Sequence[str]) -> dict[str, float]:
    """Test metrics of logistic regression on numbers: each step and feature is a column, standardised.

    Mean, deviation and model are of the training split alone; steps past a sample's end hold the mean. Of more than 50
    million numbers it learns from a random draw of samples (seed 0). Its solver takes no more than 30 steps, some
    seconds on the 60,000 digits of MNIST, where more of them make it no better on the test split.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    most = max(1, MOST_NUMBERS // train.inputs[0].size)
    drawn = np.sort(np.random.default_rng(0).permutation(len(train))[:most]) if len(train) > most else slice(None)
    inputs, targets = train.inputs[drawn], train.targets[drawn]
    if len(np.unique(targets)) < 2:  # nothing to tell apart
        return majority(train.targets, test.targets, classes)
    table = Flattened.fit(inputs)
    rows = table.rows(inputs)
    deviation = rows.std(axis=0)
    deviation[deviation == 0] = 1
    rows /= deviation
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are limited on purpose
        model = LogisticRegression(max_iter=SOLVER_STEPS).fit(rows, targets)
    return _predicted(model, table.rows(test.inputs) / deviation, test.targets, classes)


def token_counts(tokens: np.ndarray, vocabulary_size: int) -> csr_matrix:
    """How often each id stands in each row of tokens (n, time): a sparse matrix (n, vocabulary_size)."""
    from scipy.sparse import csr_matrix

    counted = tokens >= FIRST_WORD
    ends = np.concatenate([[0], counted.sum(axis=1).cumsum()])  # of each row's ids
    matrix = csr_matrix((np.ones(ends[-1]), tokens[counted], ends), shape=(len(tokens), vocabulary_size))
    matrix.sum_duplicates()
    return matrix


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
