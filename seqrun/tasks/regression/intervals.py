"""Prediction intervals of a regressor: as wide for every sample, for each target alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from seqrun.rundir.shapes import fields, listing, number, real

INTERVALS_FILE = "intervals.json"
KEPT = fields({"level": number, "half_widths": listing(real)})


@dataclass(frozen=True)
class Interval:
    """How far to either side of a prediction `level` of the true numbers should lie, in original units."""

    level: float
    half_widths: np.ndarray  # (targets,); infinite where there are too few validation samples

    def bounds(self, predictions: np.ndarray) -> dict[str, np.ndarray]:
        """Return `lower` and `upper`, (samples, targets), for predictions of that shape."""
        return {"lower": predictions - self.half_widths, "upper": predictions + self.half_widths}

    def to_bytes(self) -> bytes:
        """Return the content of `artifacts/intervals.json`."""
        return json.dumps({"level": self.level, "half_widths": self.half_widths.tolist()}).encode()
