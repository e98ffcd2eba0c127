"""ARIMA with seasonal terms, whose orders are found step by step.

Hyndman and Khandakar, "Automatic time series forecasting: the forecast package for R", 2008.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

EXACT_ROWS, EXACT_SEASON = 150, 12  # beyond, candidates are compared by an approximation, as R's auto.arima does


@dataclass(frozen=True)
class ARIMA:
    """statsforecast's AutoARIMA, fitted."""

    coefficients: Mapping[str, float]
    model: Mapping[str, np.ndarray]  # as statsforecast has it: phi, theta and delta of the state space

    @classmethod
    def fit(cls, values: np.ndarray, season: int) -> Self:
        """Return the model of values (rows,) with a season of so many rows; 1: there is none.

        The one that is chosen is fitted by maximum likelihood; of more than 150 rows, or 12 of a season, the candidates
        are compared by conditional sums of squares.
        """
        from statsforecast.models import AutoARIMA

        long = len(values) > EXACT_ROWS or season > EXACT_SEASON
        model = AutoARIMA(season_length=season, approximation=long).fit(values).model_
        return cls(model["coef"], model["model"])

    def forecasts(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """See `Fitted`; what AutoARIMA.forward forecasts, which would filter from the first row on for each origin."""
        from statsforecast.arima import arima_like, make_arima

        rows = np.arange(1, len(values) + leads[-1] + 1)
        line = self.coefficients.get("intercept", 0.0) + self.coefficients.get("drift", 0.0) * rows
        phi, theta, delta = (self.model[name] for name in ("phi", "theta", "delta"))
        filtered, done, states = make_arima(phi, theta, delta), 0, []
        transition = filtered["T"]
        apart = values - line[: len(values)]
        for origin in origins:
            if done:  # the filter starts with the covariance before the first of its rows
                filtered["Pn"][:] = transition @ filtered["P"] @ transition.T + filtered["V"]
            if origin >= done:
                part = apart[done : origin + 1]
                # It leaves a, P and Pn as they are after the last of the rows.
                arima_like(part, phi, theta, delta, filtered["a"], filtered["P"], filtered["Pn"], 0, False)
            states.append(filtered["a"].copy())
            done = origin + 1
        ahead = [filtered["Z"]]  # what the mean of a row is of the state, so many rows before
        for _ in range(leads[-1]):
            ahead.append(ahead[-1] @ transition)
        return np.stack(states) @ np.stack(ahead)[leads].T + line[origins[:, None] + leads]
