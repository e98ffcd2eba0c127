"""What a classifier writes to history.csv, the most telling first, and which way each metric is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "accuracy": "max",
    "auc": "max",
    "average_precision": "max",
    "balanced_accuracy": "max",
    "f1": "max",
    "log_loss": "min",
    "calibration_error": "min",
}
MEASURED = (  # what metrics.json has beside these, of two classes
    "threshold",
    "balanced_accuracy_at_threshold",
    "test_chosen_threshold",
    "balanced_accuracy_at_test_chosen_threshold",
)
