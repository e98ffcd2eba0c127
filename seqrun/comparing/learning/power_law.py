"""The error as a power law of the training samples: scale * samples^-exponent + floor."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqrun.comparing.seeds import LEVEL, quantile
from seqrun.readable import counted

if TYPE_CHECKING:
    import numpy as np

Interval = tuple[float, float]

SIZES, RUNS = 3, 4  # that a fit takes at least: it has three unknowns, and needs a run more to say how sure it is
STEEPEST = 10.0  # exponent
SHRUNK = 1e-3  # a law that falls by less than this part of the errors, from the smallest size to the largest, is none
NEAR_ZERO = 1e-6  # a floor below this part of the errors is none


class NoFit(Exception):
    """Why there is no power law, in words."""


@dataclass(frozen=True)
class PowerLaw:
    """A fitted curve. Cortes et al. 1993, "Learning curves: asymptotic values and rate of convergence"."""

    scale: float
    exponent: float
    floor: float  # the error that is left however many samples there are
    largest: float  # the number of samples that the fit was scaled by
    freedom: int  # degrees of freedom: runs less unknowns
    covariance: np.ndarray | None  # (3, 3) of scale at the largest size, exponent and floor; None: not determined

    @property
    def exponent_interval(self) -> Interval | None:
        """The t interval of the exponent at 95%; None if the points do not determine it."""
        return None if self.covariance is None else self._around(self.exponent, float(self.covariance[1, 1]))

    def error(self, samples: float) -> float:
        """Return the mean error that is to be expected of this many training samples."""
        return float(self.scale * samples**-self.exponent + self.floor)

    def interval(self, samples: float) -> Interval | None:
        """Return the t interval of that mean at 95%, by the delta method; None if the points do not determine it."""
        import numpy as np

        if self.covariance is None:
            return None
        size = samples / self.largest
        power, scale = size**-self.exponent, self.scale * self.largest**-self.exponent
        gradient = np.array([power, -scale * power * np.log(size), 1.0])
        return self._around(self.error(samples), float(gradient @ self.covariance @ gradient))

    def _around(self, value: float, variance: float) -> Interval:
        half = quantile(self.freedom, 1 - LEVEL / 2) * max(variance, 0.0) ** 0.5
        return value - half, value + half


def fit_power_law(samples: Sequence[float], errors: Sequence[float]) -> PowerLaw:
    """Return the power law of least squares through the errors of runs on so many training samples each.

    A floor that would be below 0 is 0. Raises NoFit for too few points, or for errors that no such law has.
    """
    import numpy as np

    if len({*samples}) < SIZES or len(errors) < RUNS:
        raise NoFit(
            f"too few points for a fit: {counted(len(errors), 'run')} on {counted(len({*samples}), 'size')}, and a "
            f"power law takes {RUNS} runs on {SIZES} sizes"
        )
    if min(errors) < 0:
        raise NoFit("no power law is fitted to errors below 0")
    largest, values = float(max(samples)), np.array(errors, np.float64)
    sizes = np.array(samples, np.float64) / largest  # (runs,)
    at_largest = float(values[sizes == 1].mean())
    if not values.any():
        raise NoFit("no power law is fitted: all errors are 0")
    start = [0.5 * at_largest + NEAR_ZERO, 0.5, 0.5 * at_largest]
    (scale, exponent, floor), covariance = _fitted(sizes, values, start)
    unknowns = 3
    if floor <= NEAR_ZERO * values.max():
        (scale, exponent), inner = _fitted(sizes, values, start[:2])
        floor, unknowns, covariance = 0.0, 2, np.zeros((3, 3))
        covariance[:2, :2] = inner
    if scale * (sizes.min() ** -exponent - 1) < SHRUNK * values.max():
        raise NoFit("no power law is fitted: the errors do not shrink with more training samples")
    known = None if STEEPEST - exponent < NEAR_ZERO or not np.isfinite(covariance).all() else covariance
    return PowerLaw(
        float(scale * largest**exponent), float(exponent), float(floor), largest, len(values) - unknowns, known
    )


def _fitted(sizes: np.ndarray, errors: np.ndarray, start: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return scale, exponent and, if `start` has three values, floor, with their covariance."""
    import numpy as np
    from scipy.optimize import OptimizeWarning, curve_fit

    def law(size: np.ndarray, scale: float, exponent: float, floor: float = 0.0) -> np.ndarray:
        return scale * size**-exponent + floor

    upper = [np.inf, STEEPEST, np.inf][: len(start)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)  # the covariance is infinite then, which the caller sees
        try:
            values, covariance = curve_fit(law, sizes, errors, start, bounds=(0.0, upper), max_nfev=10_000)
        except RuntimeError as error:
            raise NoFit(f"no power law fits: {error}") from None
    return values, covariance
