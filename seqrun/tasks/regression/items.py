"""The metrics of a regressor as they come from single samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seqrun.inference.kept import KeptPredictions
from seqrun.tasks.items import Items, Losses, Measure, Whole, kept_facts
from seqrun.tasks.regression.columns import METRICS
from seqrun.tasks.regression.metrics import regression_metrics


def items(kept: KeptPredictions) -> Items:
    """Return the metrics of the test split, by sample; each is a mean over the targets."""
    targets, predictions = kept.arrays["targets"], kept.arrays["predictions"]  # (samples, targets)
    numbers = np.arange(len(targets))

    def of(metric: str) -> Callable[[], Measure]:
        return lambda: Whole(numbers, lambda chosen: regression_metrics(targets[chosen], predictions[chosen])[metric])

    measures = {metric: of(metric) for metric in METRICS}
    measures["mae"] = lambda: Losses.of(np.abs(targets - predictions).mean(axis=1))
    return Items(kept.rows, targets, measures, facts=kept_facts(kept))
