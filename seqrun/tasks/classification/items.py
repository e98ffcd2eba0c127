"""The metrics of a classifier as they come from single samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seqrun.components.targets import ClassTarget
from seqrun.inference.kept import KeptPredictions
from seqrun.tasks.classification.metrics import (
    CALIBRATION_BINS,
    averaged,
    balanced_accuracy,
    bins_of,
    confidence,
    f1_of_classes,
    gap,
    given_to_true,
    nats,
    one_vs_rest,
    predicted_classes,
)
from seqrun.tasks.classification.ranking import areas, average_precisions
from seqrun.tasks.items import Cells, Hits, Items, Losses, Measure, Ranks, Sums, kept_facts, members

AT_THRESHOLD = "balanced_accuracy_at_threshold"


def items(kept: KeptPredictions) -> Items:
    """Return the metrics of the classifier's test split, by sample."""
    target = kept.spec.of(ClassTarget).target
    targets, scores = kept.arrays["targets"].astype(np.int64), kept.arrays["predictions"].astype(np.float64)
    classes = len(target.classes)
    predicted = predicted_classes(scores)
    measures: dict[str, Callable[[], Measure]] = {
        "accuracy": lambda: Hits(predicted == targets),
        "auc": lambda: _ranks(targets, scores, area=True),
        "average_precision": lambda: _ranks(targets, scores, area=False),
        "balanced_accuracy": lambda: _counted(targets, predicted, classes, balanced_accuracy),
        "f1": lambda: _counted(targets, predicted, classes, _f1),
        "log_loss": lambda: Losses.of(nats(given_to_true(targets, scores))),
        "calibration_error": lambda: _calibration(targets, scores),
    }
    threshold = ((kept.run.metrics or {}).get("test") or {}).get("threshold")
    if threshold is not None and scores.ndim == 1:
        above = (scores >= threshold).astype(np.int64)
        measures[AT_THRESHOLD] = lambda: _counted(targets, above, classes, balanced_accuracy)
    return Items(kept.rows, targets, measures, classes=members(target.classes, targets), facts=kept_facts(kept))


def _ranks(targets: np.ndarray, scores: np.ndarray, area: bool) -> Ranks:
    positive, of_classes = zip(*one_vs_rest(targets, scores), strict=True)
    of = areas if area else average_precisions
    return Ranks(np.stack(positive, axis=1), np.stack(of_classes, axis=1), of, area)


def _counted(
    targets: np.ndarray, predicted: np.ndarray, classes: int, of: Callable[[np.ndarray], float | np.floating]
) -> Cells:
    """Return a metric of the counts (classes, classes), as `confusion_counts` returns them."""
    return Cells(targets * classes + predicted, classes**2, lambda counts: float(of(counts.reshape(classes, classes))))


def _f1(matrix: np.ndarray) -> np.floating:
    of_classes = f1_of_classes(matrix)
    return of_classes[1] if len(matrix) == 2 else np.nanmean(of_classes)


def _calibration(targets: np.ndarray, scores: np.ndarray) -> Sums:
    """Return the calibration error, from each sample's share in the sums of its bin."""
    promises, events = confidence(targets, scores)
    own = np.eye(CALIBRATION_BINS)[bins_of(promises)]  # (samples, bins)
    parts = np.hstack([own, own * promises[:, None], own * events[:, None]])
    return Sums(parts, lambda sums: gap(averaged(*sums.reshape(3, CALIBRATION_BINS))))
