"""The metrics of a multi-label network as they come from single samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seqrun.components.targets import LabelsTarget
from seqrun.inference.kept import KeptPredictions
from seqrun.tasks.classification.metrics import nats
from seqrun.tasks.classification.ranking import average_precisions
from seqrun.tasks.items import Hits, Items, Losses, Measure, Ranks, Sums, kept_facts
from seqrun.tasks.multilabel.metrics import Counts, at_thresholds, defined_mean, f1
from seqrun.tasks.multilabel.thresholds import KEPT, THRESHOLDS_FILE, kept_thresholds


def items(kept: KeptPredictions) -> Items:
    """Return the metrics of the test split, by sample, at 0.5 and at the run's own thresholds."""
    names = kept.spec.of(LabelsTarget).target.names
    targets, scores = kept.arrays["targets"] > 0, kept.arrays["predictions"].astype(np.float64)  # (samples, labels)
    occurring = targets.any(axis=0)
    given = np.where(targets, scores, 1 - scores)
    measures: dict[str, Callable[[], Measure]] = {
        **_decided(targets, scores > 0.5),
        "average_precision": lambda: Ranks(targets[:, occurring], scores[:, occurring], average_precisions, area=False),
        "log_loss": lambda: Losses(nats(given), np.ones_like(given)),
    }
    thresholds = kept_thresholds(kept.artifact(THRESHOLDS_FILE, KEPT), names)
    if thresholds is not None:
        at_own = _decided(targets, at_thresholds(scores, thresholds))
        measures |= {f"{name}_at_thresholds": measure for name, measure in at_own.items()}
    classes = dict(zip(names, targets.T, strict=True))
    return Items(kept.rows, kept.arrays["targets"], measures, classes=classes, facts=kept_facts(kept))


def _decided(targets: np.ndarray, predicted: np.ndarray) -> dict[str, Callable[[], Measure]]:
    """Return the metrics that depend on thresholds, of truth values (samples, labels)."""
    wrong = targets != predicted
    return {
        "micro_f1": lambda: _f1(targets, predicted, lambda counts: float(f1(_together(counts))[0])),
        "macro_f1": lambda: _f1(targets, predicted, lambda counts: defined_mean(f1(counts))),
        "subset_accuracy": lambda: Hits(~wrong.any(axis=1)),
        "hamming_loss": lambda: Losses.of(wrong.mean(axis=1)),
    }


def _f1(targets: np.ndarray, predicted: np.ndarray, of: Callable[[Counts], float]) -> Sums:
    parts = np.hstack([targets & predicted, predicted, targets]).astype(np.float64)
    return Sums(parts, lambda sums: of(Counts(*sums.reshape(3, -1))))


def _together(counts: Counts) -> Counts:
    return Counts(*(each.sum(keepdims=True) for each in counts))
