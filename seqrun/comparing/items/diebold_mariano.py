"""The test of Diebold and Mariano: whether the losses of two forecasts of one series differ in the mean."""

from __future__ import annotations

import numpy as np

from seqrun.comparing.items.found import Found, by_t

NAME = "Diebold-Mariano with Harvey's correction"


def diebold_mariano(differences: np.ndarray, lags: int) -> Found:
    """Return the test of the mean of differences between losses, (times,), which depend on those up to `lags` before.

    A forecast h steps ahead has h - 1 lags. The statistic of Diebold and Mariano (1995), "Comparing predictive
    accuracy", with the correction for small samples and Student's t of Harvey, Leybourne and Newbold (1997), "Testing
    the equality of prediction mean squared errors": that of R's `forecast::dm.test`. Where the estimate of the variance
    is not positive, autocovariances are weighted after Bartlett (Harvey, Leybourne and Whitehouse, 2017). Raises
    ValueError for fewer times than the correction can do with.
    """
    times, horizon = len(differences), lags + 1
    corrected = times + 1 - 2 * horizon + horizon * (horizon - 1) / times
    if times < 2 or corrected <= 0:
        raise ValueError(f"{times:,} forecasts are too few for a horizon of {horizon:,} steps")
    mean = float(differences.mean())
    variance = long_run_variance(differences, lags) / times
    if variance <= 0:
        variance = long_run_variance(differences, lags, tapered=True) / times
    return by_t(mean, float(np.sqrt(variance / (corrected / times))), times - 1)


def careful(differences: np.ndarray, lags: int) -> Found:
    """Return the more careful of `diebold_mariano` and `fixed_smoothing`, for times that are one series.

    With few times for its horizon, and where differences depend on those farther back than the horizon says (a
    season, a bias that lasts), the first finds too much: in up to 17% of cases without a difference, the careful one
    in 5% at most (benchmarks/items.py).
    """
    return max(diebold_mariano(differences, lags), fixed_smoothing(differences, lags), key=lambda found: found.p)


def fixed_smoothing(differences: np.ndarray, lags: int) -> Found:
    """Return the test of the mean whose variance is that of the slowest waves in the differences, (times,).

    It is the mean of the first ordinates of the periodogram, as many as the cube root of the times and a half of the
    horizons that fit into them allow, with Student's t of twice as many degrees of freedom (Coroneo and Iacone, 2020,
    "Comparing predictive accuracy in small samples using fixed-smoothing asymptotics", the weighted periodogram).
    """
    times = len(differences)
    waves = max(1, min(int(times ** (1 / 3)), times // (2 * (lags + 1))))
    if times < 2 * waves + 1:
        raise ValueError(f"{times:,} forecasts are too few")
    mean = float(differences.mean())
    powers = np.abs(np.fft.rfft(differences - mean)[1 : waves + 1]) ** 2 / times
    return by_t(mean, float(np.sqrt(powers.mean() / times)), 2 * waves)


def long_run_variance(differences: np.ndarray, lags: int, *, tapered: bool = False) -> float:
    """Return the variance of a series with its autocovariances, twice each; `tapered`: less the farther (Bartlett)."""
    away = differences - differences.mean()
    covariances = [
        float(away[lag:] @ away[: len(away) - lag]) / len(away) for lag in range(min(lags, len(away) - 1) + 1)
    ]
    weights = [1.0] + [2 * (1 - lag / (lags + 1) if tapered else 1.0) for lag in range(1, len(covariances))]
    return max(0.0, float(np.dot(weights, covariances))) if tapered else float(np.dot(weights, covariances))
