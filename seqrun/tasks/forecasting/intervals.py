"""Prediction intervals of forecasts: their bounds from dropout, and whether they held at each horizon step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqrun.components.units import Units
from seqrun.rundir.shapes import fields, flag, listing, number, optional, real
from seqrun.training.intervals import coverage, width

INTERVALS_FILE = "intervals.json"
KEPT = fields({"level": number, "half_widths": optional(listing(listing(real)))}, {"scaled": flag})


@dataclass(frozen=True)
class Reach:
    """How far to either side of a forecast its interval reaches, the same for all samples."""

    level: float
    half_widths: np.ndarray  # (horizon, targets)
    scaled: bool = False  # whether they are in the network's units, of which each series has its own

    def original(self, units: Units) -> np.ndarray:
        """Return the half widths in original units: (horizon, targets), or (samples, horizon, targets)."""
        return self.half_widths * np.abs(units.scale) if self.scaled else self.half_widths

    @classmethod
    def kept(cls, known: Mapping[str, Any]) -> Self:
        """Return what `artifacts/intervals.json` holds; runs of earlier versions do not say `scaled`."""
        return cls(known["level"], np.array(known["half_widths"], np.float64), bool(known.get("scaled")))


def intervals_json(level: float, reach: Reach | None) -> bytes:
    """Return the content of `artifacts/intervals.json`: what the intervals of new forecasts are made from."""
    content = {"level": level, "half_widths": None if reach is None else reach.half_widths.tolist()}
    return json.dumps({**content, "scaled": True} if reach is not None and reach.scaled else content).encode()


def mc_interval(samples: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bounds (n, horizon, targets) of the central interval that holds `level` of the draws.

    The draws, (draws, n, horizon, targets), are forecasts with dropout left on (Gal and Ghahramani, 2016, "Dropout as a
    Bayesian Approximation"); as many lie below the interval as above it. The interval tells how unsure the network is
    of its forecast, not how noisy the targets are, so as a rule it covers fewer targets than its level says.
    """
    lower, upper = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return lower, upper


def interval_metrics_by_step(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, list[float]]:
    """Return `coverage` and `interval_width`, as `interval_metrics` has them, for each horizon step alone."""
    measured = {
        "coverage": coverage(targets, lower, upper),
        "interval_width": width(lower, upper, ~np.isnan(targets)),
    }
    return {name: values.mean(axis=-1).tolist() for name, values in measured.items()}
