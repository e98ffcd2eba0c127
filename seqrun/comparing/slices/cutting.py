"""How a test split is cut into slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqrun.comparing.slices.columns import column_of
from seqrun.comparing.slices.ordering import as_written, ranks
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


Slices = dict[str, np.ndarray]  # name -> truth values, (items,) or, of values, (items, steps)


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
        return _by_column(run, items, by, column_of(run, by.removeprefix(COLUMN), items.index))
    if by == "class":
        return _of(items, by, _classes(run, items))
    if by == "step":
        return _of(items, by, _steps(run, items))
    if by == "hour":
        return _of(items, by, _hours(run, items))
    array = {"length": LENGTHS, "unknown": UNKNOWN_SHARE, "series": SERIES}[by]
    return _by_values(run, items, by, _fact(run, items, by, array))


def _of(items: Items, by: str, slices: Slices, note: str | None = None) -> Cut:
    return Cut(by, items.index, tuple(slices), tuple(slices.values()), note)


def _fact(run: RunRecord, items: Items, by: str, array: str) -> np.ndarray:
    if array in items.facts:
        return items.facts[array]
    raise InputError(Parameter("by", by), f": {run.path} has kept no {WITHOUT[array]}")


def _classes(run: RunRecord, items: Items) -> Slices:
    if not items.classes:
        raise InputError(Parameter("by", "class"), f": the test samples of {run.path} have no classes")
    return _folded(dict(items.classes))


def _steps(run: RunRecord, items: Items) -> Slices:
    if not items.steps:
        raise InputError(Parameter("by", "step"), f": {run.path} makes no forecasts")
    steps = np.arange(items.steps)
    bounds = np.unique(np.linspace(0, items.steps, min(items.steps, MOST) + 1).round().astype(int))
    shape = (len(items.index), items.steps)
    return {
        _range(_number(first + 1), _number(end)): np.broadcast_to((steps >= first) & (steps < end), shape)
        for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    }


def _hours(run: RunRecord, items: Items) -> Slices:
    times = _fact(run, items, "hour", TIMES).astype("datetime64[h]").astype(np.int64) % 24  # (items, steps)
    return {f"{hour:02}": times == hour for hour in np.unique(times).tolist()}


def _by_values(run: RunRecord, items: Items, by: str, values: np.ndarray) -> Cut:
    """Return slices by what the run has kept of each item: stretches of numbers, or the most frequent names."""
    if values.dtype.kind not in "iuf":
        return _known(run, items, by, values, lambda known: _frequent(values, known))
    name = _percent if by == "unknown" else _number
    return _known(run, items, by, values, lambda known: _stretches(values, known, lambda place: name(values[place])))


def _by_column(run: RunRecord, items: Items, by: str, cells: Sequence[Any]) -> Cut:
    """Return slices by the cells of a column, which are named as they are written."""
    written, places = as_written(cells), ranks(cells)
    if places is None:
        return _known(run, items, by, written, lambda known: _frequent(written, known))
    return _known(run, items, by, places, lambda known: _stretches(places, known, lambda place: written[place]))


def _known(run: RunRecord, items: Items, by: str, values: np.ndarray, sliced: Callable[[np.ndarray], Slices]) -> Cut:
    """Return slices of the items that have a value, with a note of how many have none."""
    known = ~_missing(values)
    if not known.any():
        raise InputError(Parameter("by", by), f": no test sample of {run.path} has a value there")
    left = int((~known).sum())
    have = "has" if left == 1 else "have"
    return _of(items, by, sliced(known), f"{counted(left, 'test sample')} {have} no value of {by}" if left else None)


def _missing(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.array([value is None for value in values.tolist()], bool)


def _frequent(values: np.ndarray, known: np.ndarray) -> Slices:
    """Return slices by name, the most frequent first; see `_kept` for those that are taken together."""
    texts = np.array([str(value) for value in values.tolist()], object)
    names, counts = np.unique(texts[known], return_counts=True)
    order = np.lexsort((names, -counts))
    kept = names[order][: _kept(counts[order].tolist())].tolist()
    slices = {name: known & (texts == name) for name in kept}
    return slices | _others(len(names) - len(kept), known & ~np.isin(texts, kept))


def _folded(slices: Slices) -> Slices:
    """Return the slices that have items, in their order; see `_kept` for those that are taken together."""
    counts = {name: int(chosen.sum()) for name, chosen in slices.items() if chosen.any()}
    largest = sorted(counts, key=lambda name: -counts[name])
    kept = {*largest[: _kept([counts[name] for name in largest])]}
    left = [slices[name] for name in counts if name not in kept]
    return {name: slices[name] for name in counts if name in kept} | _others(len(left), np.any(left, axis=0))


def _kept(counts: Sequence[int]) -> int:
    """Return how many slices by name are shown, of their counts in falling order.

    Those of few items, and those past MOST, are taken together, unless it is one alone.
    """
    kept = sum(count >= FEWEST for count in counts[:MOST])
    return kept if len(counts) - kept > 1 else len(counts)


def _others(names: int, chosen: np.ndarray) -> Slices:
    return {f"{OTHERS} ({names:,})": chosen} if names else {}


def _stretches(values: np.ndarray, known: np.ndarray, name: Callable[[int], str]) -> Slices:
    """Return a slice for each of a few numbers, or stretches with about as many items each, the smallest first.

    `name` gives the number at the place of an item as text. Stretches of one name are one slice.
    """
    distinct, firsts = np.unique(values[known], return_index=True)
    places, ends = np.flatnonzero(known)[firsts].tolist(), distinct
    if len(distinct) > PARTS:
        ends = np.unique(np.quantile(values[known], np.arange(1, PARTS + 1) / PARTS, method="inverted_cdf"))
    lasts = np.searchsorted(distinct, ends).tolist()  # of each stretch, among the distinct numbers
    slices: Slices = {}
    for first, last in zip([0, *(each + 1 for each in lasts[:-1])], lasts, strict=True):
        chosen = known & (values >= distinct[first]) & (values <= distinct[last])
        told = _range(name(places[first]), name(places[last]))
        slices[told] = slices.get(told, False) | chosen
    return slices


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | np.integer) else figure(value)


def _percent(value: Any) -> str:
    return f"{value:.1%}"
