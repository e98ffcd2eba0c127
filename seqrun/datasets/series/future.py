"""Features that know the future: what a target will be stands in them before it happens, on the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqrun.components.leaks import FUTURE, Leak
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.splits import Segments
from seqrun.datasets.series.table import SeriesTable
from seqrun.readable import counted, listed_names

SAME = 0.999  # correlation from which on a feature is taken for the target of a later row
BETTER = 0.1  # at most so much of the variance that the target's own past leaves unexplained is left by it
ROUNDING = 1e-9  # share of the variance: of a straight line its own past leaves less
MOST_ROWS, FEWEST_ROWS = 20_000, 50
MOST_LEADS = 48  # rows ahead that are looked at, and rows back
MOST_PRODUCTS = 2_000_000_000  # multiplications: with many columns fewer rows are looked at


class Foreseen(NamedTuple):
    """A feature that is a target `lead` rows later."""

    feature: str
    target: str
    lead: int
    correlation: float

    def __str__(self) -> str:
        rows = counted(self.lead, "row")
        return f"{self.feature} is {self.target} {rows} later (correlation {self.correlation:.4f})"


def foreseen(
    table: SeriesTable, training: Segments, features: Sequence[str], targets: Sequence[str], framing: Framing
) -> list[Foreseen]:
    """Return the features that are, on the last rows of the longest training segment, a target some rows later.

    Such a feature gives away what is to be forecast: at one of up to 48 rows ahead, within a window, it correlates with
    the target at 0.999 or more, and leaves a tenth at most of the variance that no value of the target's own past
    explains: so a season, which the past knows too, is none. A copy of the future is found, a mere sign of it is not.
    """
    others = [name for name in features if name not in targets]
    if not others or not training:
        return []
    leads = range(1, min(framing.rows - 1, MOST_LEADS) + 1)
    first, past = max(training, key=lambda segment: segment[1] - segment[0])
    most = MOST_PRODUCTS // (len(others) * len(targets) * len(leads))
    rows = table.frame.iloc[max(first, past - min(max(most, FEWEST_ROWS), MOST_ROWS)) : past]
    if len(rows) < FEWEST_ROWS + 2 * MOST_LEADS:
        return []
    known, wanted = rows[others].to_numpy(np.float64), rows[list(targets)].to_numpy(np.float64)
    ahead = np.stack([_correlations(known, wanted, lead) for lead in (0, *leads)])  # (1 + leads, features, targets)
    own = np.abs([_own(wanted, lag) for lag in range(1, len(leads) + MOST_LEADS + 1)])  # (lags, targets)
    found = []
    for number, target in enumerate(targets):
        for column in np.flatnonzero(ahead[1:, :, number].max(axis=0, initial=0) >= SAME):
            lead = int(ahead[1:, column, number].argmax()) + 1
            there = float(ahead[lead, column, number])
            elsewhere = max(
                abs(float(ahead[0, column, number])), float(own[lead - 1 : lead + MOST_LEADS, number].max())
            )
            unexplained = 1 - elsewhere**2
            if unexplained > ROUNDING and 1 - there**2 < BETTER * unexplained:
                found.append(Foreseen(others[column], target, lead, there))
    return found


def future_leaks(found: Sequence[Foreseen], features: Sequence[str]) -> tuple[Leak, ...]:
    """Return the finding, if there is one."""
    if not found:
        return ()
    names = list(dict.fromkeys(each.feature for each in found))
    what = f"features that know the future: {listed_names([*map(str, found)])}"
    return (Leak(FUTURE, what, len(names), len(features), f"dataset.features without {listed_names(names)}"),)


def future_warning(found: Sequence[Foreseen]) -> list[str]:
    """Return a warning of features that know the future, if there are any."""
    if not found:
        return []
    told = listed_names([*map(str, found)])
    return [f"on the training rows, {told}: take it from dataset.features if it is not known when a forecast is made"]


def _own(wanted: np.ndarray, lag: int) -> np.ndarray:
    """Return the correlation of each column with itself `lag` rows later, (columns,)."""
    return np.array([_correlations(column[:, None], column[:, None], lag)[0, 0] for column in wanted.T])


def _correlations(known: np.ndarray, wanted: np.ndarray, lead: int) -> np.ndarray:
    """Return Pearson's correlation of each column with each wanted one `lead` rows later, (columns, wanted columns).

    It is 0 where one does not vary, and where a value is not known.
    """
    one, other = known[: len(known) - lead], wanted[lead:]
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    scale = np.outer(np.sqrt((one**2).sum(axis=0)), np.sqrt((other**2).sum(axis=0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(one.T @ other / scale, nan=0.0, posinf=0.0, neginf=0.0)
