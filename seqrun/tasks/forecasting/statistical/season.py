"""The season of a series, taken out of it and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from seqrun.tasks.forecasting.statistical.fitted import Fitted


@dataclass(frozen=True)
class Season:
    """What each row of a season, counted from the first row of the fit, adds to a series, or multiplies it by."""

    factors: np.ndarray  # (season,)
    multiplicative: bool = False

    @classmethod
    def of(cls, values: np.ndarray, season: int) -> Self:
        """Return what each row of a season adds to values (rows,): classical decomposition by moving averages."""
        from statsmodels.tsa.seasonal import seasonal_decompose

        return cls(seasonal_decompose(values, model="additive", period=season).seasonal[:season])

    def without(self, values: np.ndarray) -> np.ndarray:
        """Return values (rows,), which begin with the first row of the fit, without the season."""
        here = self._at(np.arange(len(values)))
        return values / here if self.multiplicative else values - here

    def back(self, forecasts: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return forecasts with the season of their rows."""
        here = self._at(rows)
        return forecasts * here if self.multiplicative else forecasts + here

    def _at(self, rows: np.ndarray) -> np.ndarray:
        return self.factors[rows % len(self.factors)]


@dataclass(frozen=True)
class Adjusted:
    """A model of a series without its season, which is added to the forecasts."""

    season: Season
    model: Fitted

    @classmethod
    def fit(cls, fit: Callable[[np.ndarray, int], Fitted], values: np.ndarray, season: int) -> Self:
        """Return the model that `fit` finds for values (rows,) without their season."""
        found = Season.of(values, season)
        return cls(found, fit(found.without(values), 1))

    def forecasts(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """See `Fitted`."""
        plain = self.model.forecasts(self.season.without(values), origins, leads)
        return self.season.back(plain, origins[:, None] + leads)
