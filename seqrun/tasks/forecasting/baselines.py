"""What a forecaster must beat: the last value, the season before, the mean, and a linear model of the window."""

from __future__ import annotations

import numpy as np

from seqrun.components.splits import Windows
from seqrun.tasks.forecasting.ridge import ridge
from seqrun.tasks.forecasting.seasonality import find_period

__all__ = ["find_period", "forecast_baselines", "last_value", "mean", "ridge", "season_known", "seasonal_naive"]


def forecast_baselines(train: Windows, test: Windows, period: int | None) -> dict[str, np.ndarray]:
    """The forecasts of every baseline, (n, horizon, targets) float32 in the network's units.

    `mean` and `ridge` have learned from the training split alone. `seasonal_naive` is left out without a period, and
    where no window knows a whole season.
    """
    return {**naive_forecasts(test, period), "mean": mean(train, test), "ridge": ridge(train, test)}


def naive_forecasts(windows: Windows, period: int | None) -> dict[str, np.ndarray]:
    """Those of the baselines that learn nothing."""
    forecasts = {"last_value": last_value(windows)}
    if period is not None and season_known(windows, period).any():
        forecasts["seasonal_naive"] = seasonal_naive(windows, period)
    return forecasts


def last_value(windows: Windows) -> np.ndarray:
    """The last value that the network sees, at every horizon step."""
    return np.repeat(windows.values[windows.index][:, None], len(windows.horizon_rows), axis=1)


def seasonal_naive(windows: Windows, period: int) -> np.ndarray:
    """The value of the same phase in the last season before the forecast is made (`Windows.index`, inclusive).

    A network that sees less than a season is given no mercy: rows before its window count as known, as far back as
    the window's segment (its series' part of the split) goes. Where even that holds no whole season, in the first
    windows of a segment, the forecast is the last value; `season_known` tells where.
    """
    wanted = windows.starts[:, None] + windows.horizon_rows  # (n, horizon)
    known = windows.index[:, None]
    seasons = -(-(wanted - known) // period)  # whole ones, to go back behind the last known row
    rows = np.where(season_known(windows, period)[:, None], wanted - seasons * period, known)
    return windows.values[rows]


def season_known(windows: Windows, period: int) -> np.ndarray:
    """(n,) whether at least a whole season of the window's segment has passed when its forecast is made."""
    first = np.sort([first for first, end in windows.segments if first < end])
    own = first[np.searchsorted(first, windows.starts, side="right") - 1]
    return windows.index - own + 1 >= period


def mean(train: Windows, windows: Windows) -> np.ndarray:
    """The mean of the training rows."""
    rows = [train.values[first:end] for first, end in train.segments]
    average = np.concatenate(rows).mean(axis=0, dtype=np.float64).astype(np.float32)  # (targets,)
    return np.tile(average, (len(windows), len(windows.horizon_rows), 1))
