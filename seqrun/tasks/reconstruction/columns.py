"""The metrics that an autoencoder writes to history.csv, and which way each is better."""

from __future__ import annotations

from seqrun.metrics import Direction

METRICS: dict[str, Direction] = {
    "reconstruction_mse": "min",
}
MEASURED = ("kl_loss", "neighbour_agreement")  # what metrics.json has beside these, of networks or data that allow it
