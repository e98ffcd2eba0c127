"""Samples as rows of a table for linear models: TF-IDF weights of tokens, or standardised numbers.

The columns' weights, means and deviations are fitted on the training split alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from seqrun.components.splits import Spec
from seqrun.training.flattened import Flattened

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

MOST_NUMBERS = 50_000_000  # a model is fitted on at most so many: if there are more, samples are drawn
FIRST_WORD = 3  # 0 is padding, 1 the start mark, 2 the unknown word


class Features(Protocol):
    """How samples become rows."""

    @property
    def name(self) -> str:
        """What the names of baselines on such rows begin with: tfidf, or nothing."""

    def rows(self, inputs: np.ndarray) -> np.ndarray | csr_matrix:
        """Return the rows (samples, columns) of a network's inputs (samples, ...)."""


def fitted_features(inputs: np.ndarray, spec: Spec) -> tuple[Features, np.ndarray]:
    """Return the features fitted on these samples, and the numbers of the samples that a model should be fitted on.

    These are all samples of token ids (samples, time); of values (samples, time, features) so many are drawn that they
    have 50 million numbers at most.
    """
    if spec.vocabulary is not None:
        return Tfidf.fitted(inputs, spec.vocabulary.size), np.arange(len(inputs))
    most = max(1, MOST_NUMBERS // inputs[0].size)
    drawn = np.arange(len(inputs))
    if len(inputs) > most:
        drawn = np.sort(np.random.default_rng(0).permutation(len(inputs))[:most])
    return Standardised.fitted(inputs[drawn]), drawn


@dataclass(frozen=True)
class Tfidf:
    """TF-IDF weights of the tokens that the network sees (scikit-learn's TfidfTransformer).

    Single tokens, not pairs, with sublinear counts; padding, start mark and unknown word are left out.
    """

    weights: TfidfTransformer
    vocabulary_size: int
    name: str = "tfidf"

    @classmethod
    def fitted(cls, tokens: np.ndarray, vocabulary_size: int) -> Tfidf:
        """Return the weights fitted on token ids (samples, time)."""
        from sklearn.feature_extraction.text import TfidfTransformer

        weights = TfidfTransformer(sublinear_tf=True).fit(token_counts(tokens, vocabulary_size))
        return cls(weights, vocabulary_size)

    def rows(self, inputs: np.ndarray) -> csr_matrix:
        """Return the weights (samples, vocabulary), sparse."""
        return self.weights.transform(token_counts(inputs, self.vocabulary_size))


@dataclass(frozen=True)
class Standardised:
    """A column of mean 0 and deviation 1 for each feature of each step; past a sample's end it holds the mean, 0."""

    table: Flattened
    deviation: np.ndarray  # (columns,)
    name: str = ""

    @classmethod
    def fitted(cls, values: np.ndarray) -> Standardised:
        """Return the columns fitted on values (samples, time, features)."""
        table = Flattened.fit(values)
        deviation = table.rows(values).std(axis=0)
        deviation[deviation == 0] = 1
        return cls(table, deviation)

    def rows(self, inputs: np.ndarray) -> np.ndarray:
        """Return the rows (samples, time * features)."""
        return self.table.rows(inputs) / self.deviation


def token_counts(tokens: np.ndarray, vocabulary_size: int) -> csr_matrix:
    """Return how often each id occurs in each row of tokens (n, time): a sparse matrix (n, vocabulary_size)."""
    from scipy.sparse import csr_matrix

    counted = tokens >= FIRST_WORD
    ends = np.concatenate([[0], counted.sum(axis=1).cumsum()])  # of each row's ids
    matrix = csr_matrix((np.ones(ends[-1]), tokens[counted], ends), shape=(len(tokens), vocabulary_size))
    matrix.sum_duplicates()
    return matrix
