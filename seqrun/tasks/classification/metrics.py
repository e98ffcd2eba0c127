"""How well probabilities fit the classes: scikit-learn's metrics, all at once, so that every epoch can afford them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from seqrun.tasks.classification.columns import METRICS

CALIBRATION_BINS = 15


class Reliability(NamedTuple):
    """Predicted probabilities of an event, and how often it occurred, in bins of equal width; nan in an empty bin."""

    counts: np.ndarray  # (bins,) samples
    promised: np.ndarray  # (bins,) mean predicted probability
    observed: np.ndarray  # (bins,) share of the samples in which the event occurred


def classification_metrics(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return the classification metrics (`columns.METRICS`), as scikit-learn computes them from float64 probabilities.

    Takes class numbers (n,) and probabilities, (n,) of the second of two classes or (n, classes).
    Two classes: the second is predicted where its probability is above 0.5, and is the positive class of auc,
    average_precision and f1. More classes: the most probable is predicted; auc and average_precision are means over
    one class against the rest, f1 is the mean over the classes that occur as target or prediction. balanced_accuracy
    is the mean recall of the classes that occur as target; log_loss is in nats; calibration_error see there.

    A metric that is not defined is nan: auc and average_precision if a class that they need does not occur, f1 if the
    positive class neither occurs nor is predicted, and all metrics if there are no samples or a probability is not
    finite. Raises ValueError if the shapes do not fit each other.
    """
    targets, probabilities = np.asarray(targets, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    columns = probabilities.shape[1:]  # none for two classes
    if targets.shape != probabilities.shape[:1] or len(columns) > 1 or columns == (1,):
        raise ValueError(f"targets {targets.shape} and probabilities {probabilities.shape} do not belong together")
    if not targets.size or not np.isfinite(probabilities).all():
        return dict.fromkeys(METRICS, np.nan)
    matrix = confusion_counts(targets, predicted_classes(probabilities), *columns or (2,))
    auc, average_precision = np.mean([_ranking(*pair) for pair in one_vs_rest(targets, probabilities)], axis=0)
    values = (
        np.trace(matrix) / len(targets),
        auc,
        average_precision,
        balanced_accuracy(matrix),
        np.nanmean(f1_of_classes(matrix)) if columns else f1_of_classes(matrix)[1],
        _log_loss(targets, probabilities),
        calibration_error(targets, probabilities),
    )
    return dict(zip(METRICS, map(float, values), strict=True))


def best_threshold(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the probability from which on to predict the second class: it maximises TPR - FPR (Youden, 1950).

    Takes class numbers (n,) and probabilities (n,) of the second of two classes. The threshold is one of these
    probabilities, the highest of equally good ones; 0.5 if a class does not occur, as then nothing can be maximised.
    """
    from sklearn.metrics import roc_curve

    targets, probabilities = np.asarray(targets, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if len(np.unique(targets)) < 2:
        return 0.5
    fpr, tpr, thresholds = roc_curve(targets, probabilities)
    # The first threshold, infinity, is never better than the last, the lowest probability: TPR - FPR is 0 at both.
    return float(thresholds[1:][np.argmax((tpr - fpr)[1:])])


def balanced_accuracy_at(targets: np.ndarray, probabilities: np.ndarray, threshold: float) -> float:
    """Return the balanced accuracy if the second class is predicted at a probability of `threshold` or more."""
    predicted = np.asarray(probabilities, dtype=np.float64) >= threshold
    return float(balanced_accuracy(confusion_counts(np.asarray(targets, dtype=np.int64), predicted, 2)))


def calibration_error(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the expected calibration error of the predicted class (top-label ECE).

    It is the sum over 15 equal-width bins of confidence, ((m-1)/15, m/15], of the bin's share of the samples times
    |its accuracy - its mean confidence|; confidence is the probability of the predicted class (Guo et al., 2017,
    "On Calibration of Modern Neural Networks", equations 2, 3 and 5).
    """
    return gap(reliability(*confidence(targets, probabilities)))


def gap(found: Reliability) -> float:
    """Return how far promises are from what occurred, each bin counting by its samples: see `calibration_error`."""
    counts, promised, observed = found
    filled = counts > 0
    return float(counts[filled] @ np.abs(observed - promised)[filled] / counts.sum())


def confidence(targets: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each sample's predicted class (n,), and whether that class is the true one (n,)."""
    correct = predicted_classes(probabilities) == targets
    if probabilities.ndim == 1:
        return np.maximum(probabilities, 1 - probabilities), correct
    return probabilities.max(axis=1), correct


def reliability(promises: np.ndarray, events: np.ndarray, bins: int = CALIBRATION_BINS) -> Reliability:
    """Return how well predicted probabilities (n,) of an event fit its occurrences (n,) booleans, bin by bin."""
    numbers = bins_of(promises, bins)
    counts = np.bincount(numbers, minlength=bins)
    return averaged(counts, np.bincount(numbers, promises, bins), np.bincount(numbers, events, bins))


def bins_of(promises: np.ndarray, bins: int = CALIBRATION_BINS) -> np.ndarray:
    """Return the number of the bin of each probability (n,)."""
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], promises)  # one on an edge belongs to the bin below it


def averaged(counts: np.ndarray, promised: np.ndarray, observed: np.ndarray) -> Reliability:
    """Return the means of sums over bins of promised probabilities and of events, each (bins,)."""
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin
        return Reliability(counts, promised / counts, observed / counts)


def predicted_classes(probabilities: np.ndarray) -> np.ndarray:
    """Return the number of each row's most probable class, the first of equally probable ones."""
    return (probabilities > 0.5).astype(int) if probabilities.ndim == 1 else probabilities.argmax(axis=1)


def confusion_counts(targets: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return the counts of samples (classes, classes): a row for each true class, a column for each predicted one."""
    return np.bincount(targets * classes + predicted, minlength=classes**2).reshape(classes, classes)


def scores_of_classes(matrix: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return precision, recall, f1 and support of each class, from counts as `confusion_counts` returns them.

    nan stands for what has no divisor: the precision of a class that is never predicted, the recall of one that does
    not occur.
    """
    columns = zip(classes, np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1), strict=True)
    return {name: scores(int(right), int(given), int(true)) for name, right, given, true in columns}


def scores(right: float, given: float, true: float) -> dict[str, float]:
    """Return the scores for counts of right, predicted (`given`) and true ones; nan where the divisor would be 0."""
    return {
        "precision": right / given if given else np.nan,
        "recall": right / true if true else np.nan,
        "f1": 2 * right / (given + true) if given + true else np.nan,
        "support": true,
    }


def one_vs_rest(targets: np.ndarray, probabilities: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each class which samples are of it (n,), and its probability (n,); of two classes the second alone."""
    if probabilities.ndim == 1:
        yield targets == 1, probabilities
    else:
        yield from ((targets == number, column) for number, column in enumerate(probabilities.T))


def _ranking(positives: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Return the area under the ROC curve and the average precision, from one curve: its sort takes the time."""
    from sklearn.metrics import auc, roc_curve

    positive, negative = positives.sum(), (~positives).sum()
    if not positive:
        return np.nan, np.nan
    if not negative:
        return np.nan, 1.0  # precision is 1 at every threshold
    fpr, tpr, _ = roc_curve(positives, scores, drop_intermediate=False)
    hits, false_alarms = tpr[1:] * positive, fpr[1:] * negative
    return auc(fpr, tpr), np.diff(tpr) @ (hits / (hits + false_alarms))


def balanced_accuracy(matrix: np.ndarray) -> float:
    """Return the mean recall of the classes that occur; `matrix` are counts, a row for each true class."""
    occurring = matrix.sum(axis=1) > 0
    return np.mean(np.diag(matrix)[occurring] / matrix.sum(axis=1)[occurring])


def f1_of_classes(matrix: np.ndarray) -> np.ndarray:
    """Return the F1 of each class (classes,); nan for one that neither occurs nor is predicted."""
    with np.errstate(invalid="ignore"):
        return 2 * np.diag(matrix) / (matrix.sum(axis=0) + matrix.sum(axis=1))


def _log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return scikit-learn's log_loss without its warning: rows of a float32 softmax do not sum to 1 in float64."""
    return mean_nats(given_to_true(targets, probabilities))


def given_to_true(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the probability of each sample's true class, (n,)."""
    if probabilities.ndim == 1:
        return np.where(targets == 1, probabilities, 1 - probabilities)
    return probabilities[np.arange(len(targets)), targets]


def mean_nats(given: np.ndarray) -> float:
    """Return the mean of `nats`."""
    return nats(given).mean()


def nats(given: np.ndarray) -> np.ndarray:
    """Return -log of float64 probabilities, those of each true class, clipped as scikit-learn does."""
    epsilon = np.finfo(np.float64).eps
    return -np.log(np.clip(given, epsilon, 1 - epsilon))
