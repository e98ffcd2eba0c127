"""What a forecaster must beat: the last value, the season before, the mean, and a linear model of the window."""

from __future__ import annotations

import numpy as np

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.tasks.forecasting.ridge import ridge
from seqrun.tasks.forecasting.seasonality import find_period

__all__ = ["find_period", "forecast_baselines", "last_value", "mean", "ridge", "season_known", "seasonal_naive"]


def forecast_baselines(
    train: Windows, test: Windows, period: int | None, target: SeriesTarget
) -> dict[str, np.ndarray]:
    """Return each baseline's forecasts of the test windows, (n, horizon, targets) float64 in original units.

    `mean` and `ridge` are fitted on the training split alone. `seasonal_naive` is left out if there is no `period`
    (rows of a season), or if no test window has a whole season before its forecast.
    """
    learned = {"mean": mean(train, test, target), "ridge": ridge(train, test, target)}
    return {**naive_forecasts(test, period), **learned}


def naive_forecasts(windows: Windows, period: int | None) -> dict[str, np.ndarray]:
    """Return the forecasts of the baselines that need no training: `last_value` and perhaps `seasonal_naive`."""
    forecasts = {"last_value": last_value(windows)}
    if period is not None and season_known(windows, period).any():
        forecasts["seasonal_naive"] = seasonal_naive(windows, period)
    return forecasts


def last_value(windows: Windows) -> np.ndarray:
    """Return the value at each window's last input row, repeated at every horizon step: (n, horizon, targets).

    Where the file lacks that value, it is the last one before.
    """
    last = windows.values[windows.index].astype(np.float64, copy=False)
    return np.repeat(last[:, None], len(windows.horizon_rows), axis=1)


def seasonal_naive(windows: Windows, period: int) -> np.ndarray:
    """Return, for each row to forecast, the value one or more whole seasons before it: (n, horizon, targets).

    It is the latest such value that is known when the forecast is made. Known are the window's rows and those before
    it, back to the first row of its segment (the part of its series that lies in the split), even if the network sees
    less than a season. In the first windows of a segment, where no whole season is known (see `season_known`), the
    forecast is the last value.
    """
    wanted = windows.starts[:, None] + windows.horizon_rows  # (n, horizon)
    known = windows.index[:, None]
    seasons = -(-(wanted - known) // period)  # how many to go back, to be at the last known row or before it
    rows = np.where(season_known(windows, period)[:, None], wanted - seasons * period, known)
    return windows.values[rows].astype(np.float64, copy=False)


def season_known(windows: Windows, period: int) -> np.ndarray:
    """Return (n,) booleans: whether at least `period` rows of the window's segment are known (`seasonal_naive`)."""
    first = np.sort([first for first, end in windows.segments if first < end])
    own = first[np.searchsorted(first, windows.starts, side="right") - 1]
    return windows.index - own + 1 >= period


def mean(train: Windows, windows: Windows, target: SeriesTarget) -> np.ndarray:
    """Return the mean of the training rows, at every horizon step of every window: (n, horizon, targets).

    Values that the file lacks do not count. Where series are scaled by themselves, it is the mean of scaled values.
    """
    rows = np.concatenate([np.arange(first, end) for first, end in train.segments])
    units = target.units_of(None if train.series is None else train.series[rows])
    scaled = units.scaled(train.values[rows, None])[:, 0]  # (rows, targets)
    seen = np.ones(scaled.shape, bool) if train.observed is None else train.observed[rows]
    average = scaled.mean(axis=0, where=seen)  # (targets,)
    forecasts = np.tile(average, (len(windows), len(windows.horizon_rows), 1))
    return target.units_of(windows.sample_series).original(forecasts)
