"""Whether a larger or a smaller value of a metric is better: as its trainer declares it, else by its name.

Early stopping, learning-rate reduction, skill and comparison all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from seqrun.spelling import suggest

Direction = Literal["min", "max"]

LARGER = (
    "accuracy",
    "auc",
    "average_precision",
    "balanced_accuracy",
    "coverage",
    "f1",
    "neighbour_agreement",
    "precision",
    "r2",
    "recall",
    "skill",
    "specificity",
)
SMALLER = (
    "calibration_error",
    "interval_width",
    "kl_loss",
    "log_loss",
    "loss",
    "mae",
    "mape",
    "mase",
    "mse",
    "pinball_loss",
    "rmse",
    "smape",
)
DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(LARGER, "max"),
    **dict.fromkeys(SMALLER, "min"),
}

# The metrics that an epoch's line and a comparison show, as far as a run has them.
# The key of metrics.json for the test metrics without samples that stand in training or validation too.
WITHOUT_SEEN = "test_without_duplicates"

HEADLINES = ("auc", "accuracy", "span_f1", "mae", "rmse", "reconstruction_mse")

_PREFIXES = ("val_", "scaled_", "reconstruction_", "span_")


def direction(name: str, declared: Mapping[str, Direction] | None = None) -> Direction:
    """Return "min" if a smaller value of the metric is better, "max" if a larger one is.

    What a trainer has `declared` about its metrics counts first. These parts of a name do not matter: a split (`test.`,
    `val_`), a scale (`scaled_`, `reconstruction_`), what is counted (`span_`) and a threshold (`..._at_threshold`, of a
    declared metric too). Raises KeyError, suggesting the nearest known metric, for a name that neither the trainer nor
    the table knows.
    """
    base = name.rpartition(".")[2]
    for known in (base, base.removeprefix("val_"), base.partition("_at_")[0]):
        if declared and (found := declared.get(known)):
            return found
    for prefix in _PREFIXES:
        base = base.removeprefix(prefix)
    base = base.partition("_at_")[0]
    if base not in DIRECTIONS:
        known = ", ".join(sorted(DIRECTIONS))
        raise KeyError(
            f"not known whether a smaller or a larger {name!r} is better{suggest(base, DIRECTIONS)}; known: {known}"
        )
    return DIRECTIONS[base]
