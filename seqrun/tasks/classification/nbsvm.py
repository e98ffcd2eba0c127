"""NB-SVM: a linear model of which words and short stretches of words a whole text has, weighted by naive Bayes.

Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012, with stretches of
three words too, and logistic regression in place of the support vector machine, for probabilities, as in Mesnil et al.,
"Ensemble of Generative and Discriminative Techniques for Sentiment Analysis of Movie Reviews", 2014.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.targets import ClassTarget
from seqrun.datasets.files.remembered import remembered
from seqrun.datasets.text.whole import ByRow
from seqrun.errors import UsageError
from seqrun.events.events import Message
from seqrun.tasks.classification import ngrams

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from seqrun.components.session import Session
    from seqrun.components.splits import Split, Splits
    from seqrun.components.targets import LabelsTarget
    from seqrun.components.whole import WholeTexts

NBSVM = "nbsvm"
LONGEST = 3  # words of a stretch
SMOOTHING = 1.0  # added to every count, as in the paper
PENALTY = 1.0  # C of the logistic regression: the paper's 1
TRUST = 0.25  # in the linear model against naive Bayes: the paper's beta
STEPS = 100  # of the solver, at most
MOST_WORDS = 40_000_000  # to learn from: stretches of so many take some 4 GB; of more, texts are drawn
LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn")


def nbsvm(
    splits: Splits[Split, ClassTarget] | Splits[Split, LabelsTarget], session: Session
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of the validation and of the test samples, (samples, classes or labels) float64.

    It learns from the training samples alone: a model for each class against the others, whose probabilities are scaled
    to a sum of 1 (of two classes, one model), or for each label. What an earlier run on the same data has computed is
    taken from the session's cache. Raises UsageError for samples that are no texts.
    """
    if splits.whole is None:
        raise UsageError(f"trainer.baselines: {NBSVM} reads whole texts, and these samples are none")
    session.emit(Message(f"{NBSVM}: stretches of 1 to {LONGEST} words of the whole texts"))
    texts, sides = splits.whole(), _sides(splits)
    facts = {"baseline": NBSVM, "texts": _hash(texts), "sides": hashlib.sha256(sides.tobytes()).hexdigest()}
    code = (Path(__file__), Path(ngrams.__file__))
    found = remembered(session.cache, facts, code, LIBRARIES, lambda: _computed(texts, sides), session.emit)
    validation, test = found["validation"], found["test"]
    if isinstance(splits.spec.target, ClassTarget):
        return _of_classes(validation), _of_classes(test)
    return validation, test


def _sides(splits: Splits[Split, ClassTarget] | Splits[Split, LabelsTarget]) -> np.ndarray:
    """Return which training samples are on the one side of each model: (samples, models) booleans."""
    target, targets = splits.spec.target, splits.train.targets
    if not isinstance(target, ClassTarget):
        return targets.astype(bool)
    numbers = [1] if len(target.classes) == 2 else range(len(target.classes))
    return np.stack([targets == number for number in numbers], axis=1)


def _hash(texts: WholeTexts) -> str:
    digest = hashlib.sha256()
    for part in (texts.train, texts.validation, texts.test):
        digest.update(part.lengths.astype("<i8").tobytes() + part.values.astype("<i8").tobytes())
    return digest.hexdigest()


def _of_classes(sides: np.ndarray) -> np.ndarray:
    """Return probabilities (samples, classes) of those of each class against the others; of two, the second's alone."""
    if sides.shape[1] == 1:
        return np.concatenate([1 - sides, sides], axis=1)
    total = sides.sum(axis=1, keepdims=True)
    return np.divide(sides, total, out=np.full_like(sides, 1 / sides.shape[1]), where=total > 0)


def _computed(texts: WholeTexts, sides: np.ndarray) -> dict[str, np.ndarray]:
    """Return the probabilities (samples, models) of validation and test."""
    learned = _drawn(texts.train.lengths)
    train = texts.train if len(learned) == len(sides) else ByRow.of(texts.train).at(learned)
    rows, *others = ngrams.presence([train, texts.validation, texts.test], LONGEST)
    by_model = [_one_side(rows, side, others) for side in sides[learned].T]
    validation, test = (np.stack(columns, axis=1) for columns in zip(*by_model, strict=True))
    return {"validation": validation, "test": test}


def _drawn(lengths: np.ndarray) -> np.ndarray:
    """Return the numbers of the texts to learn from: all, or as many drawn ones as have MOST_WORDS words."""
    if lengths.sum(dtype=np.int64) <= MOST_WORDS:
        return np.arange(len(lengths))
    order = np.random.default_rng(0).permutation(len(lengths))
    count = int(np.searchsorted(np.cumsum(lengths[order], dtype=np.int64), MOST_WORDS, side="right"))
    return np.sort(order[: max(count, 1)])


def _one_side(rows: csr_matrix, side: np.ndarray, asked: Sequence[csr_matrix]) -> list[np.ndarray]:
    """Return the probability (samples,) of being on this side for each table that is `asked`."""
    from scipy.special import expit
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if side.all() or not side.any():  # nothing to tell apart
        return [np.full(table.shape[0], float(side[0])) for table in asked]
    weights = log_ratios(rows, side)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are limited on purpose
        model = LogisticRegression(C=PENALTY, solver="liblinear", dual=True, max_iter=STEPS, random_state=0)
        model.fit(_weighted(rows, weights), side)
    found, bias = model.coef_[0], float(model.intercept_[0])
    # The paper's (1 - beta) mean|w| + beta w, divided by beta: so w keeps its size, and probabilities their meaning.
    mixed = weights * ((1 - TRUST) / TRUST * np.abs(found).mean() + found)  # (columns,)
    return [expit(table @ mixed + bias) for table in asked]


def log_ratios(rows: csr_matrix, side: np.ndarray) -> np.ndarray:
    """Return for each column log((p / |p|) / (q / |q|)), (columns,): the paper's r.

    p is 1 + the count of texts on this side that have the column's stretch, q the same on the other; |p| is p's sum.
    """
    there, elsewhere = (SMOOTHING + rows.T @ each.astype(np.float64) for each in (side, ~side))
    return np.log(there / there.sum()) - np.log(elsewhere / elsewhere.sum())


def _weighted(rows: csr_matrix, weights: np.ndarray) -> csr_matrix:
    """Return the table with each column's 1 replaced by its weight, float64 as the solver wants it."""
    from scipy.sparse import csr_matrix

    return csr_matrix((weights[rows.indices], rows.indices, rows.indptr), shape=rows.shape)
