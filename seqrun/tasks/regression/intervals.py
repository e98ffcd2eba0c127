"""Prediction intervals of a regressor: as wide for every sample, for each target alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

INTERVALS_FILE = "intervals.json"


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

    @classmethod
    def from_bytes(cls, content: bytes) -> Interval:
        """Return what `to_bytes` wrote."""
        known = json.loads(content)
        return cls(known["level"], np.array(known["half_widths"], np.float64))
