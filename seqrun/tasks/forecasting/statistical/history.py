"""The rows of each series that a statistical model is fitted to, and those that it sees until its forecasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.datasets.series.steps import steps_to
from seqrun.tasks.forecasting.statistical.fitted import Fitted, Unfit

MOST_BRIDGED = 1000  # missing rows that a model forecasts one by one; of more, as many whole seasons are passed over


@dataclass(frozen=True)
class Gap:
    """Rows that are missing before a row of the arrays."""

    row: int
    missing: int


@dataclass(frozen=True)
class History:
    """A series' rows in the arrays of its windows."""

    first: int  # of the fit
    past: int  # of the fit: the row after its last
    learned: int  # rows that could have been learned from
    gaps: tuple[Gap, ...]  # after the fit, in ascending order

    def forecasts(
        self,
        model: Fitted,
        column: np.ndarray,
        origins: np.ndarray,
        leads: np.ndarray,
        season: int,
        check: Callable[[], None],
    ) -> np.ndarray:
        """Return a fitted model's forecasts at rows `origins` of a column of the arrays: (origins, leads).

        At a gap the model's own forecasts, made before it, stand for the rows that are missing. `check` is called
        before each: it may raise to end this.
        """
        known, row, moved = column[:0], self.first, np.zeros(len(origins), np.int64)
        for gap in self.gaps:
            if gap.row > origins[-1]:
                break
            check()
            known = np.concatenate([known, column[row : gap.row]])
            missing = bridged(gap.missing, season)
            if missing:
                ahead = np.arange(1, missing + 1)
                known = np.concatenate([known, model.forecasts(known, np.array([len(known) - 1]), ahead)[0]])
                moved[origins >= gap.row] += missing
            row = gap.row
        known = np.concatenate([known, column[row : origins[-1] + 1]])
        return model.forecasts(known, origins - self.first + moved, leads)


def bridged(missing: int, season: int) -> int:
    """Return how many of the missing rows are forecast: all, or of very many as many as end in the same season."""
    over = missing - MOST_BRIDGED
    return missing if over <= 0 else missing - -(-over // season) * season


def histories(learn: Windows, gaps: Set[int], most: int) -> dict[int, History]:
    """Return the history of each series that has rows to learn from, by its number; a series without a name is 0.

    At most the last `most` of a series' rows to learn from are fitted to: the longest stretch of these without a gap.
    `gaps` are those of all rows, as `gap_rows` finds them. Raises Unfit for series that each lie in one split alone.
    """
    if gaps and learn.times is None:
        raise Unfit("each of these series lies in one split alone, and none goes on from training to test")
    found: dict[int, list[tuple[int, int]]] = {}
    for first, past in sorted(learn.segments):
        if first < past:
            found.setdefault(_series(learn, first), []).append((first, past))
    return {number: _history(learn, rows, gaps, most) for number, rows in found.items()}


def gap_rows(splits: Splits[Windows, SeriesTarget]) -> frozenset[int]:
    """Return the rows before which rows of their series are missing: segments of one split adjoin there alone."""
    return frozenset(row for split in (splits.train, splits.validation, splits.test) for row in _gap_rows(split))


def _history(windows: Windows, rows: Sequence[tuple[int, int]], gaps: Set[int], most: int) -> History:
    """Return the history of a series with these segments to learn from."""
    begin = max(past for _, past in rows) - most
    stretches = [(max(first, begin), past) for first, past in _stretches(rows, gaps) if past > begin]
    first, past = max(stretches, key=lambda rows: rows[1] - rows[0])
    later = np.array(sorted(gaps), np.int64)
    later = later[later >= past]
    if windows.series is not None:
        later = later[windows.series[later] == windows.series[first]]
    counted = tuple(Gap(row, _missing(windows, row, (first, past))) for row in later.tolist())
    return History(first, past, sum(past - first for first, past in rows), counted)


def _missing(windows: Windows, row: int, fit: tuple[int, int]) -> int:
    """Return how many rows are missing before a row, by the step of the axis: on business days, a weekend has none.

    Of data that do not say their step, by the mean step of the rows of the fit.
    """
    if windows.times is None:
        raise ValueError("rows without times have no gaps")
    if windows.step is not None:
        return int(steps_to(windows.times[row - 1 : row], windows.times[row : row + 1], windows.step)[0]) - 1
    first, last = fit[0], fit[1] - 1
    if first == last:
        return 0
    step = (windows.times[last] - windows.times[first]) / (last - first)
    return max(round(float((windows.times[row] - windows.times[row - 1]) / step)) - 1, 0)


def _stretches(rows: Sequence[tuple[int, int]], gaps: Set[int]) -> Iterator[tuple[int, int]]:
    """Yield the rows of segments that adjoin without a gap, as one stretch each."""
    begin, end = rows[0]
    for first, past in rows[1:]:
        if first != end or first in gaps:
            yield begin, end
            begin = first
        end = past
    yield begin, end


def _gap_rows(split: Windows) -> Iterator[int]:
    """Yield the rows at which a segment follows another of the same series."""
    ordered = sorted(segment for segment in split.segments if segment[0] < segment[1])
    for (_, past), (first, _) in pairwise(ordered):
        if past == first and _series(split, first) == _series(split, first - 1):
            yield first


def _series(windows: Windows, row: int) -> int:
    return 0 if windows.series is None else int(windows.series[row])
