"""How well labels are predicted: scikit-learn's metrics, all at once, so that every epoch can afford them.

Targets are (samples, labels) of 0 and 1, probabilities the same of 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqrun.tasks.classification.metrics import mean_nats
from seqrun.tasks.multilabel.columns import METRICS

DECIDED = ("micro_f1", "macro_f1", "subset_accuracy", "hamming_loss")  # metrics that depend on thresholds


class Counts(NamedTuple):
    """Of each label, (labels,): for how many samples it is rightly predicted, predicted at all, and true."""

    right: np.ndarray
    given: np.ndarray
    true: np.ndarray

    @classmethod
    def of(cls, targets: np.ndarray, predicted: np.ndarray) -> Counts:
        """Return those of targets and predictions (samples, labels), both of truth values."""
        return cls((targets & predicted).sum(axis=0), predicted.sum(axis=0), targets.sum(axis=0))


def multilabel_metrics(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return the multi-label metrics (`columns.METRICS`), as scikit-learn computes them from float64 probabilities.

    A label is predicted where its probability is above 0.5. micro_f1 counts all labels of all samples together;
    macro_f1 is the mean over the labels that occur as target or prediction; average_precision that over the labels that
    occur as target; subset_accuracy is the share of samples with every label right, hamming_loss that of labels wrong,
    log_loss the mean over samples and labels, in nats. nan stands for what is not defined, and for all of them without
    samples or with a probability that is not finite.
    """
    targets, probabilities = np.asarray(targets) > 0, np.asarray(probabilities, dtype=np.float64)
    if targets.shape != probabilities.shape or targets.ndim != 2:
        raise ValueError(f"targets {targets.shape} and probabilities {probabilities.shape} do not belong together")
    if not targets.size or not np.isfinite(probabilities).all():
        return dict.fromkeys(METRICS, np.nan)
    values = {
        **decided_metrics(targets, probabilities > 0.5),
        "average_precision": defined_mean(average_precisions(targets, probabilities)),
        "log_loss": mean_nats(np.where(targets, probabilities, 1 - probabilities)),
    }
    return {name: float(values[name]) for name in METRICS}


def metrics_at(targets: np.ndarray, probabilities: np.ndarray, thresholds: np.ndarray) -> dict[str, float]:
    """Return the metrics of DECIDED where each label is predicted from its threshold on, thresholds being (labels,).

    Their names say so: `micro_f1_at_thresholds`.
    """
    values = decided_metrics(np.asarray(targets) > 0, at_thresholds(probabilities, thresholds))
    return {f"{name}_at_thresholds": value for name, value in values.items()}


def at_thresholds(probabilities: np.ndarray, thresholds: np.ndarray | float) -> np.ndarray:
    """Return whether each label is predicted, (samples, labels): where its probability is at least its threshold."""
    return np.asarray(probabilities, dtype=np.float64) >= thresholds


def decided_metrics(targets: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return the metrics of DECIDED, from targets and predictions (samples, labels), both of truth values."""
    counts, wrong = Counts.of(targets, predicted), targets != predicted
    micro = f1(Counts(*(each.sum(keepdims=True) for each in counts)))[0]
    values = (micro, defined_mean(f1(counts)), 1 - wrong.any(axis=1).mean(), wrong.mean())
    return dict(zip(DECIDED, map(float, values), strict=True))


def f1(counts: Counts) -> np.ndarray:
    """Return F1 of each label (labels,); nan for one that neither occurs nor is predicted."""
    with np.errstate(invalid="ignore"):
        return 2 * counts.right / (counts.given + counts.true)


def average_precisions(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the average precision of each label, (labels,), as scikit-learn defines it; nan where no sample has it.

    It is the mean, over the samples that have the label, of the precision if the label were predicted from that
    sample's probability on.
    """
    order = np.argsort(-probabilities, axis=0, kind="stable")
    columns = zip(np.take_along_axis(probabilities, order, 0).T, np.take_along_axis(targets, order, 0).T, strict=True)
    return np.array([_average_precision(scores, hits) for scores, hits in columns])


def _average_precision(scores: np.ndarray, hits: np.ndarray) -> float:
    """Return that of scores (n,), the highest first, and truth values (n,)."""
    if not hits.any():
        return np.nan
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each stretch of equal scores
    found = np.cumsum(hits)[last]
    return float(np.diff(found, prepend=0) @ (found / (last + 1)) / found[-1])


def label_details(
    targets: np.ndarray, probabilities: np.ndarray, thresholds: np.ndarray, names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return by label its support, its precision, recall and f1 at its threshold, average_precision and threshold."""
    targets = np.asarray(targets) > 0
    counts = Counts.of(targets, at_thresholds(probabilities, thresholds))
    with np.errstate(invalid="ignore"):
        columns = {
            "precision": counts.right / counts.given,
            "recall": counts.right / counts.true,
            "f1": f1(counts),
            "average_precision": average_precisions(targets, np.asarray(probabilities, dtype=np.float64)),
            "threshold": thresholds,
        }
    return {
        name: {"support": int(counts.true[n]), **{score: float(values[n]) for score, values in columns.items()}}
        for n, name in enumerate(names)
    }


def defined_mean(values: np.ndarray) -> float:
    """Return the mean of those that are not nan; nan if all are."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else np.nan
