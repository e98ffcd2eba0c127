"""What an autoencoder made of its test split, as a table; the samples themselves are arrays."""

from __future__ import annotations

from seqrun.components.reading import ROW
from seqrun.inference.kept import Columns, KeptPredictions
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE, KEPT
from seqrun.tasks.reconstruction.codes import CODES, code_columns


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a sample: its error, whether it is anomalous, its label if it has one, and its code."""
    errors, codes = kept.arrays["errors"], kept.arrays[CODES]  # (samples,), (samples, latent_dim)
    found = {ROW: kept.rows}
    if "labels" in kept.arrays:
        found["label"] = kept.arrays["labels"]
    found["error"] = errors
    if (anomaly := kept.artifact(ANOMALY_FILE, KEPT)) is not None:
        found["anomalous"] = errors > anomaly["threshold"]
    return {**found, **dict(zip(code_columns(codes.shape[1]), codes.T, strict=True))}
