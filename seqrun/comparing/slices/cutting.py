"""How a test split is cut into slices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from seqrun.comparing.slices.columns import column_of
from seqrun.comparing.slices.outcome import COLUMN, KINDS
from seqrun.errors import InputError, Parameter
from seqrun.readable import counted, figure
from seqrun.rundir.reading import RunRecord
from seqrun.running.sample_facts import LENGTHS, SERIES, TIMES, UNKNOWN_SHARE
from seqrun.tasks.items import Items

MOST = 24  # slices
FEWEST = 10  # items of a slice by name; smaller ones are taken together
PARTS = 5  # slices of numbers, of about as many items each
OTHERS = "others"
NEWER = "or the run is of an earlier version, and one that is trained now has them"
WITHOUT = {  # what a run has not kept, and why
    LENGTHS: f"lengths of its test samples: all have one, {NEWER}",
    UNKNOWN_SHARE: f"shares of unknown tokens: its test samples are no texts, {NEWER}",
    SERIES: f"names of series: its data are one series, {NEWER}",
    TIMES: f"times of its test samples: they are no series with times, {NEWER}",
}


@dataclass(frozen=True)
class Cut:
    """Slices of a test split; an item can be in several."""

    by: str
    index: np.ndarray  # (items,) their rows in the source
    names: tuple[str, ...]
    chosen: tuple[np.ndarray, ...]  # of each slice truth values, (items,) or, of values, (items, steps)
    note: str | None = None

    @property
    def counts(self) -> list[int]:
        """How many items each slice has."""
        return [int((each if each.ndim == 1 else each.any(axis=1)).sum()) for each in self.chosen]

    def of(self, items: Items) -> Cut | None:
        """Return the same slices of another run's items; None if they are not of the same rows."""
        places = {row: place for place, row in enumerate(self.index.tolist())}
        order = [places.get(row, -1) for row in items.index.tolist()]
        if len(order) != len(self.index) or -1 in order:
            return None
        return replace(self, index=items.index, chosen=tuple(each[order] for each in self.chosen))


def cut(run: RunRecord, items: Items, by: str) -> Cut:
    """Return the test split of a run as slices; raise InputError if it cannot be cut so."""
    if by not in KINDS:
        return _by_values(run, items, by, column_of(run, by.removeprefix(COLUMN), items.index))
    if by == "class":
        return _of(items, by, _classes(run, items))
    if by == "step":
        return _of(items, by, _steps(run, items))
    if by == "hour":
        return _of(items, by, _hours(run, items))
    array = {"length": LENGTHS, "unknown": UNKNOWN_SHARE, "series": SERIES}[by]
    return _by_values(run, items, by, _fact(run, items, by, array))


def _of(items: Items, by: str, slices: dict[str, np.ndarray], note: str | None = None) -> Cut:
    return Cut(by, items.index, tuple(slices), tuple(slices.values()), note)


def _fact(run: RunRecord, items: Items, by: str, array: str) -> np.ndarray:
    if array in items.facts:
        return items.facts[array]
    raise InputError(Parameter("by", by), f": {run.path} has kept no {WITHOUT[array]}")


def _classes(run: RunRecord, items: Items) -> dict[str, np.ndarray]:
    if not items.classes:
        raise InputError(Parameter("by", "class"), f": the test samples of {run.path} have no classes")
    return _folded(dict(items.classes))


def _steps(run: RunRecord, items: Items) -> dict[str, np.ndarray]:
    if not items.steps:
        raise InputError(Parameter("by", "step"), f": {run.path} makes no forecasts")
    steps = np.arange(items.steps)
    bounds = np.unique(np.linspace(0, items.steps, min(items.steps, MOST) + 1).round().astype(int))
    shape = (len(items.index), items.steps)
    return {
        _range(first + 1, end): np.broadcast_to((steps >= first) & (steps < end), shape)
        for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    }


def _hours(run: RunRecord, items: Items) -> dict[str, np.ndarray]:
    times = _fact(run, items, "hour", TIMES).astype("datetime64[h]").astype(np.int64) % 24  # (items, steps)
    return {f"{hour:02}": times == hour for hour in np.unique(times).tolist()}


def _by_values(run: RunRecord, items: Items, by: str, values: np.ndarray) -> Cut:
    """Return slices by a value of each item: stretches of numbers, or the names that are most frequent."""
    known = ~_missing(values)
    if not known.any():
        raise InputError(Parameter("by", by), f": no test sample of {run.path} has a value there")
    if values.dtype.kind in "iuf" and len(np.unique(values[known])) > PARTS:
        slices = _stretches(values, known, percent=by == "unknown")
    elif values.dtype.kind in "iuf":
        percent = by == "unknown"
        slices = {_number(one, percent): known & (values == one) for one in np.unique(values[known]).tolist()}
    else:
        slices = _folded(_named(values, known))
    left = int((~known).sum())
    return _of(items, by, slices, f"{counted(left, 'test sample')} have no value of {by}" if left else None)


def _missing(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.array([value is None for value in values.tolist()], bool)


def _named(values: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    texts = np.array([str(value) for value in values.tolist()], object)
    names, counts = np.unique(texts[known], return_counts=True)
    order = np.lexsort((names, -counts))
    return {str(name): known & (texts == name) for name in names[order][: 4 * MOST].tolist()} | _rest(
        texts, known, names[order][4 * MOST :]
    )


def _rest(texts: np.ndarray, known: np.ndarray, names: np.ndarray) -> dict[str, np.ndarray]:
    return {OTHERS: known & np.isin(texts, names)} if len(names) else {}


def _folded(slices: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the slices with those of few items, and those past MOST, taken together as the last."""
    counts = {name: int(chosen.sum()) for name, chosen in slices.items()}
    largest = sorted(counts, key=lambda name: -counts[name])[:MOST]
    kept = [name for name in slices if name in largest and counts[name] >= FEWEST and name != OTHERS]
    folded = [name for name in slices if name not in kept and counts[name]]
    if len(folded) < 2 and OTHERS not in folded:
        return {name: chosen for name, chosen in slices.items() if counts[name]}
    together = np.any([slices[name] for name in folded], axis=0)
    return {**{name: slices[name] for name in kept}, f"{OTHERS} ({len(folded)})": together}


def _stretches(values: np.ndarray, known: np.ndarray, *, percent: bool) -> dict[str, np.ndarray]:
    """Return stretches of numbers of about as many items each, from the smallest to the largest."""
    ends = np.unique(np.quantile(values[known], np.arange(1, PARTS + 1) / PARTS, method="inverted_cdf"))
    low, slices = values[known].min(), {}
    for end in ends:
        chosen = known & (values >= low) & (values <= end)
        slices[_range(low.item(), end.item(), percent)] = chosen
        above = values[known & (values > end)]
        low = above.min() if len(above) else end
    return slices


def _range(first: float, last: float, percent: bool = False) -> str:
    ends = [_number(end, percent) for end in (first, last)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _number(value: float, percent: bool = False) -> str:
    if percent:
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else figure(value)
