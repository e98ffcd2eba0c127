"""The metric of an autoencoder as it comes from single samples."""

from __future__ import annotations

import numpy as np

from seqrun.components.targets import Reconstruction
from seqrun.inference.kept import KeptPredictions
from seqrun.tasks.items import Items, Losses, kept_facts, members


def items(kept: KeptPredictions) -> Items:
    """Return the metric of the reconstructions of the test split, by sample."""
    originals, errors = kept.arrays["targets"], kept.arrays["errors"]  # (samples, time, features), (samples,)
    there = np.isfinite(originals).sum(axis=(1, 2))[:, None]  # past a sample's end they are nan
    losses = errors.astype(np.float64)[:, None] * there
    classes = kept.spec.target.classes if isinstance(kept.spec.target, Reconstruction) else kept.spec.target.labels
    measures = {"reconstruction_mse": lambda: Losses(losses, there)}
    labelled = members(classes, kept.arrays["labels"]) if "labels" in kept.arrays else {}
    return Items(kept.rows, originals, measures, classes=labelled, facts=kept_facts(kept))
