"""Samples as rows of a table, as linear models see them: TF-IDF weights of tokens, or standardised numbers.

All that is learned of the columns is learned from the training split alone.
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

MOST_NUMBERS = 50_000_000  # learned from: of more, samples are drawn
FIRST_WORD = 3  # 0 is padding, 1 the start mark, 2 the unknown word


class Features(Protocol):
    """What makes rows of samples."""

    @property
    def name(self) -> str:
        """The start of the names of baselines on such rows: tfidf, or nothing."""

    def rows(self, inputs: np.ndarray) -> np.ndarray | csr_matrix:
        """(samples, columns) of a network's inputs (samples, ...)."""


def fitted_features(inputs: np.ndarray, spec: Spec) -> tuple[Features, np.ndarray]:
    """Return what makes rows of such samples, fitted on these, and the numbers of those that a model should learn from.

    Of token ids (samples, time) all samples; of values (samples, time, features) as many as have 50 million numbers.
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
        """Those of the tokens (samples, time)."""
        from sklearn.feature_extraction.text import TfidfTransformer

        weights = TfidfTransformer(sublinear_tf=True).fit(token_counts(tokens, vocabulary_size))
        return cls(weights, vocabulary_size)

    def rows(self, inputs: np.ndarray) -> csr_matrix:
        """(samples, vocabulary) sparse."""
        return self.weights.transform(token_counts(inputs, self.vocabulary_size))


@dataclass(frozen=True)
class Standardised:
    """Each step and feature as a column of mean 0 and deviation 1; steps past a sample's end hold the mean."""

    table: Flattened
    deviation: np.ndarray  # (columns,)
    name: str = ""

    @classmethod
    def fitted(cls, values: np.ndarray) -> Standardised:
        """That of the values (samples, time, features)."""
        table = Flattened.fit(values)
        deviation = table.rows(values).std(axis=0)
        deviation[deviation == 0] = 1
        return cls(table, deviation)

    def rows(self, inputs: np.ndarray) -> np.ndarray:
        """(samples, time * features) float32."""
        return self.table.rows(inputs) / self.deviation


def token_counts(tokens: np.ndarray, vocabulary_size: int) -> csr_matrix:
    """How often each id stands in each row of tokens (n, time): a sparse matrix (n, vocabulary_size)."""
    from scipy.sparse import csr_matrix

    counted = tokens >= FIRST_WORD
    ends = np.concatenate([[0], counted.sum(axis=1).cumsum()])  # of each row's ids
    matrix = csr_matrix((np.ones(ends[-1]), tokens[counted], ends), shape=(len(tokens), vocabulary_size))
    matrix.sum_duplicates()
    return matrix
