"""The metrics of a tagger as they come from single sentences: the tags of one sentence depend on each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.components.targets import TagTarget
from seqrun.inference.kept import KeptPredictions
from seqrun.tasks.classification.metrics import balanced_accuracy, f1_of_classes, nats, scores
from seqrun.tasks.items import Items, Losses, Measure, Sums, kept_facts
from seqrun.tasks.tagging.metrics import Guesses
from seqrun.tasks.tagging.spans import mark_spans, spans_of


def items(kept: KeptPredictions) -> Items:
    """Return the metrics of the test split, by sentence."""
    tags = kept.spec.of(TagTarget).target.tags
    targets = kept.arrays["targets"]  # (samples, time)
    guesses = Guesses.of(targets, kept.arrays["predictions"])
    real = targets > NO_TAG
    given = np.where(real, guesses.given, 1.0).astype(np.float64)
    measures: dict[str, Callable[[], Measure]] = {
        "accuracy": lambda: Losses((real & (guesses.predicted == targets)).astype(np.float64), real),
        "f1": lambda: _counted(targets, guesses, len(tags), lambda matrix: float(np.nanmean(f1_of_classes(matrix)))),
        "balanced_accuracy": lambda: _counted(
            targets, guesses, len(tags), lambda matrix: float(balanced_accuracy(matrix))
        ),
        "log_loss": lambda: Losses(np.where(real, nats(given), 0.0), real),
    }
    if mark_spans(tags):
        for score in ("precision", "recall", "f1"):
            measures[f"span_{score}"] = _of_spans(targets, guesses, tags, score)
    return Items(kept.rows, targets, measures, facts=kept_facts(kept))


def _counted(targets: np.ndarray, guesses: Guesses, tags: int, of: Callable[[np.ndarray], float]) -> Sums:
    """Return a metric of the counts of steps (tags, tags), to which each sentence adds its own."""
    samples, steps = np.nonzero(targets > NO_TAG)
    cells = targets[samples, steps].astype(np.int64) * tags + guesses.predicted[samples, steps]
    parts = np.zeros((len(targets), tags**2))
    np.add.at(parts, (samples, cells), 1)
    return Sums(parts, lambda sums: of(sums.reshape(tags, tags)))


def _of_spans(targets: np.ndarray, guesses: Guesses, tags: tuple[str, ...], score: str) -> Callable[[], Measure]:
    """Return a score of all spans, to which each sentence adds its right, its predicted and its true ones."""

    def measure() -> Sums:
        found = spans_of(targets, guesses.predicted, tags)
        parts = [(len(set(wanted) & set(given)), len(given), len(wanted)) for wanted, given in found]
        return Sums(np.array(parts, np.float64).reshape(-1, 3), lambda sums: scores(*sums)[score])

    return measure
