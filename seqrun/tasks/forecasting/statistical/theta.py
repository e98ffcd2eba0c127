"""The theta method: exponential smoothing that follows a part of the linear trend, in the best of four variants.

Assimakopoulos and Nikolopoulos, "The theta model", 2000; the variants are those of Fiorucci et al., "Models for
optimising the theta method and their relationship to state space models", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from seqrun.tasks.forecasting.statistical.season import Season

DYNAMIC = ("DSTM", "DOTM")  # variants whose line follows the forecasts, too


@dataclass(frozen=True)
class Theta:
    """statsforecast's AutoTheta, fitted, with the parameters' names of the paper."""

    season: Season | None
    alpha: float
    theta: float
    initial: float  # the smoothed value before the first row
    dynamic: bool

    @classmethod
    def fit(cls, values: np.ndarray, season: int) -> Self:
        """Return the model of values (rows,) with a season of so many rows, which it takes for one if it is clear."""
        from statsforecast.models import AutoTheta

        model = AutoTheta(season_length=season).fit(values).model_
        par, found = model["par"], None
        if model.get("decompose"):
            multiplicative = model["decomposition_type"] == "multiplicative"
            following = model["seas_forecast"]["mean"]  # of the rows after the last
            found = Season(np.roll(following, len(values) % season), multiplicative)
        kind = model["modeltype"]
        return cls(found, float(par["alpha"]), float(par["theta"]), float(par["initial_smoothed"]), kind in DYNAMIC)

    def forecasts(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """See `Fitted`; of a series without a season it is what AutoTheta.forward forecasts.

        The season's factors stay those of the fit, where AutoTheta.forward would estimate them again at each origin.
        """
        if self.season is not None:
            plain = self._plain(self.season.without(values), origins, leads)
            return self.season.back(plain, origins[:, None] + leads)
        return self._plain(values, origins, leads)

    def _plain(self, values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Return the forecasts of values without a season, of all origins at once."""
        smoothed, mean, (constant, slope) = self._smoothed(values)[origins], *_lines(values, origins)
        count, ahead = origins + 1.0, []  # (origins,) rows that are known
        for _ in range(leads[-1]):
            fading = (1 - self.alpha) ** count
            line = constant * fading + slope * (1 - (1 - self.alpha) * fading) / self.alpha
            forecast = smoothed + (1 - 1 / self.theta) * line  # equation 6 of the paper, at all horizons by recursion
            ahead.append(forecast)
            smoothed = self.alpha * forecast + (1 - self.alpha) * smoothed
            if self.dynamic:
                slope = ((count - 1) * slope + 6 * (forecast - mean) / (count + 1)) / (count + 2)
                mean = (count * mean + forecast) / (count + 1)
                constant = mean - slope * (count + 2) / 2
            count = count + 1
        return np.stack(ahead, axis=1)[:, leads - 1]

    def _smoothed(self, values: np.ndarray) -> np.ndarray:
        """Return the smoothed value after each row, (rows,)."""
        from scipy.signal import lfilter

        kept = 1 - self.alpha
        return lfilter([self.alpha], [1, -kept], values, zi=[kept * self.initial])[0]


def _lines(values: np.ndarray, origins: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return, at each origin, the mean of the rows so far, and constant and slope of the straight line through them.

    Rows are counted from 1. Each is (origins,).
    """
    middle = values[: origins[0] + 1].mean()  # sums of small numbers lose less
    count = origins + 1.0
    apart, numbers = values - middle, np.arange(1, len(values) + 1)
    mean = np.cumsum(apart)[origins] / count
    slope = 6 * (2 * np.cumsum(apart * numbers)[origins] / count - (count + 1) * mean) / (count**2 - 1)
    return mean + middle, (mean + middle - (count + 1) * slope / 2, slope)
