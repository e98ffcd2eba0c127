"""What a multi-label trainer writes to history.csv, the most telling first, and which way each metric is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "micro_f1": "max",
    "macro_f1": "max",
    "average_precision": "max",
    "subset_accuracy": "max",
    "hamming_loss": "min",
    "log_loss": "min",
}
# What metrics.json has beside these.
MEASURED = tuple(f"{name}_at_thresholds" for name in ("micro_f1", "macro_f1", "subset_accuracy", "hamming_loss"))
