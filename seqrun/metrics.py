"""Which way each metric is better, by its name: known to early stopping, LR reduction and comparison alike."""

from __future__ import annotations

from typing import Literal

from seqrun.spelling import suggest

Direction = Literal["min", "max"]

# What the trainers write to history.csv, the most telling first.
CLASSIFICATION_METRICS = (
    "accuracy",
    "auc",
    "average_precision",
    "balanced_accuracy",
    "f1",
    "log_loss",
    "calibration_error",
)
FORECAST_METRICS = ("mae", "mse", "rmse", "smape", "mase", "r2", "scaled_mae", "scaled_mse")
TAGGING_METRICS = ("accuracy", "f1", "balanced_accuracy", "log_loss")
RECONSTRUCTION_METRICS = ("reconstruction_mse",)

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

# What an epoch's line and a comparison show of all metrics, whichever of them there are.
HEADLINES = ("auc", "accuracy", "span_f1", "mae", "rmse", "reconstruction_mse")

_PREFIXES = ("val_", "scaled_", "reconstruction_", "span_")


def direction(name: str) -> Direction:
    """Whether a smaller ("min") or a larger ("max") value of the metric is better.

    A split (`test.`, `val_`), a scale (`scaled_`, `reconstruction_`), what is counted (`span_`) and a threshold
    (`..._at_threshold`) don't change that. Raises KeyError, naming the nearest known metric, for a name that is not in
    the table.
    """
    base = name.rpartition(".")[2]
    for prefix in _PREFIXES:
        base = base.removeprefix(prefix)
    base = base.partition("_at_")[0]
    if base not in DIRECTIONS:
        known = ", ".join(sorted(DIRECTIONS))
        raise KeyError(
            f"not known whether a smaller or a larger {name!r} is better{suggest(base, DIRECTIONS)}; known: {known}"
        )
    return DIRECTIONS[base]
