"""The metrics that a forecaster writes to history.csv, the most telling first, and which way each is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "mae": "min",
    "mse": "min",
    "rmse": "min",
    "smape": "min",
    "mase": "min",
    "r2": "max",
    "scaled_mae": "min",
    "scaled_mse": "min",
}
MEASURED = ("interval_level", "coverage", "interval_width")  # what metrics.json has beside these, of intervals
