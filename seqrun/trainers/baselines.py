"""What a classifier must beat: the class frequencies alone, and a linear model of word counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.trainers.metrics import classification_metrics

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from seqrun.components import Split

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

    known = np.unique(train.targets)
    if len(known) < 2:  # nothing to tell apart
        return majority(train.targets, test.targets, classes)
    weights = TfidfTransformer(sublinear_tf=True)
    features = weights.fit_transform(token_counts(train.inputs, vocabulary_size))
    model = LogisticRegression(max_iter=1000).fit(features, train.targets)
    probabilities = np.zeros((len(test), len(classes)))  # a class that training lacks keeps 0
    probabilities[:, known] = model.predict_proba(weights.transform(token_counts(test.inputs, vocabulary_size)))
    return _metrics(test.targets, probabilities)


def token_counts(tokens: np.ndarray, vocabulary_size: int) -> csr_matrix:
    """How often each id stands in each row of tokens (n, time): a sparse matrix (n, vocabulary_size)."""
    from scipy.sparse import csr_matrix

    counted = tokens >= FIRST_WORD
    rows, _ = np.nonzero(counted)
    return csr_matrix((np.ones(len(rows)), (rows, tokens[counted])), shape=(len(tokens), vocabulary_size))


def _metrics(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Metrics of probabilities (n, classes), of which two become one as in the network's output."""
    return classification_metrics(targets, probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities)
