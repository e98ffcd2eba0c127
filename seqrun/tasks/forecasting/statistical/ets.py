"""Exponential smoothing: error, trend and season, each additive or multiplicative or none, chosen by AICc.

Hyndman, Koehler, Snyder and Grose, "A state space framework for automatic forecasting using exponential smoothing
methods", 2002.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np


@dataclass(frozen=True)
class ETS:
    """statsforecast's AutoETS, fitted."""

    model: Mapping[str, Any]  # as statsforecast has it

    @classmethod
    def fit(cls, values: np.ndarray, season: int) -> Self:
        """Return the model of values (rows,) with a season of so many rows; 1: there is none."""
        from statsforecast.models import AutoETS

        return cls(AutoETS(season_length=season).fit(values).model_)

    def forecasts(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """See `Fitted`; what AutoETS.forward forecasts, which would take each origin from the first row on again."""
        from statsforecast.ets import forecast_ets, forward_ets

        passed = forward_ets(self.model, values)
        states = passed["states"]  # (rows + 1, states), before the first row and after each

        def at(origin: int) -> np.ndarray:
            known = {**passed, "states": states[: origin + 2]}
            return forecast_ets(known, int(leads[-1]))["mean"][leads - 1]

        return np.stack([at(origin) for origin in origins])
