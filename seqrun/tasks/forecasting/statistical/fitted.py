"""What a statistical model that was fitted to a series does for a baseline."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Unfit(Exception):
    """No model can be fitted; the message says why."""


class Fitted(Protocol):
    """A model of one series, whose parameters stay as they were fitted."""

    def forecasts(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Return the forecasts made at each origin of what is `leads` rows (from 1) after it, (origins, leads) float64.

        `values` (rows,) begin with the row on which the fit began; `origins` are row numbers in them, in ascending
        order. A forecast depends on no value after its origin.
        """
