"""What a multi-label network must beat: each label's frequency, and a linear model of words or numbers a label."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.classification.baselines import NUMBER_STEPS, WORD_STEPS
from seqrun.tasks.classification.nbsvm import NBSVM, nbsvm
from seqrun.tasks.multilabel.metrics import metrics_at, multilabel_metrics
from seqrun.tasks.multilabel.thresholds import best_thresholds
from seqrun.training.features import fitted_features

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from seqrun.components.session import Session
    from seqrun.components.splits import Spec, Split, Splits
    from seqrun.components.targets import LabelsTarget


def multilabel_baselines(
    splits: Splits[Split, LabelsTarget], session: Session, more: Sequence[str] = ()
) -> dict[str, dict[str, float]]:
    """Return the test metrics of baselines fitted on training, with thresholds from validation, by their names.

    `label_frequencies` gives each sample the share of training samples that have each label. `tfidf_logistic`, on
    TF-IDF weights of token ids, and `logistic`, on standardised numbers, are one logistic regression a label
    (scikit-learn's), where it is known what the inputs are. The latter's solver takes no more than 30 steps. NB-SVM
    is among them where `more` names it.
    """
    spec, train, validation, test = splits.spec, splits.train, splits.validation, splits.test
    frequencies = train.targets.mean(axis=0)  # (labels,)
    constant = (np.tile(frequencies, (len(each), 1)) for each in (validation, test))
    found = {"label_frequencies": _measured(splits, *constant)}
    if spec.vocabulary is not None or spec.values is not None:
        name, probabilities = logistic(train, (validation, test), spec)
        found[name] = _measured(splits, *probabilities)
    if NBSVM in more:
        found[NBSVM] = _measured(splits, *nbsvm(splits, session))
    return found


def _measured(splits: Splits[Split, LabelsTarget], validation: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Return the test metrics of probabilities (samples, labels) of the two splits."""
    thresholds = best_thresholds(splits.validation.targets, validation)
    targets = splits.test.targets
    return {**multilabel_metrics(targets, test), **metrics_at(targets, test, thresholds)}


def logistic(train: Split, others: tuple[Split, Split], spec: Spec) -> tuple[str, list[np.ndarray]]:
    """Return the baseline's name, and its probabilities (samples, labels) of the other splits."""
    features, learned = fitted_features(train.inputs, spec)
    name, steps = ("tfidf_logistic", WORD_STEPS) if features.name else ("logistic", NUMBER_STEPS)
    rows, targets = features.rows(train.inputs[learned]), train.targets[learned]
    asked = [features.rows(each.inputs) for each in others]
    by_label = [_one_label(rows, column, asked, steps) for column in targets.T]
    return name, [np.stack(columns, axis=1) for columns in zip(*by_label, strict=True)]


def _one_label(
    rows: np.ndarray | csr_matrix, targets: np.ndarray, asked: list[np.ndarray | csr_matrix], steps: int
) -> list[np.ndarray]:
    """Return a label's probabilities (samples,) for each table that is `asked`, learned from rows and targets (n,)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if targets.min() == targets.max():  # nothing to tell apart
        return [np.full(table.shape[0], float(targets[0])) for table in asked]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are limited on purpose
        model = LogisticRegression(max_iter=steps).fit(rows, targets)
    return [model.predict_proba(table)[:, 1] for table in asked]
