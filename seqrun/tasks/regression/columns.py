"""What a regressor writes to history.csv, the most telling first, and which way each metric is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "mae": "min",
    "rmse": "min",
    "r2": "max",
}
MEASURED = ("interval_level", "coverage", "interval_width")  # what metrics.json has beside these, of intervals
