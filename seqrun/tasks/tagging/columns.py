"""What a tagger writes to history.csv, the most telling first, and which way each metric is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "accuracy": "max",
    "f1": "max",
    "balanced_accuracy": "max",
    "log_loss": "min",
}
MEASURED = ("span_precision", "span_recall", "span_f1")  # what metrics.json has beside these, of tags that mark spans
