"""Where two runs part: the first epoch, the first array of their weights and predictions, the first figure."""

from __future__ import annotations

import filecmp
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import UsageError
from seqrun.readable import listed_names
from seqrun.rundir.columns import TIMES, in_order
from seqrun.rundir.history import Row
from seqrun.rundir.reading import HISTORY, METRICS, WEIGHTS, RunRecord

if TYPE_CHECKING:
    import numpy as np

PREDICTIONS = "predictions.npz"
PARTS = {HISTORY: "history", WEIGHTS: "weights", PREDICTIONS: "predictions", METRICS: "metrics"}  # of a run, by file
SHOWN = 3  # columns of an epoch in a line of text


@dataclass(frozen=True)
class EpochDifference:
    """The first epoch of which two histories say different things; times do not count."""

    epoch: int
    columns: Mapping[str, tuple[float | None, float | None]]  # that differ there; None: one history ends before it

    def __str__(self) -> str:
        ended = [which for which in (0, 1) if all(pair[which] is None for pair in self.columns.values())]
        if ended:
            return f"epoch {self.epoch}, which only the {('second', 'first')[ended[0]]} run has"
        shown = [f"{name} {pair[0]} and {pair[1]}" for name, pair in [*self.columns.items()][:SHOWN]]
        more = f" and {len(self.columns) - SHOWN} more columns" if len(self.columns) > SHOWN else ""
        return f"epoch {self.epoch}: {', '.join(shown)}{more}"


@dataclass(frozen=True)
class ArrayDifference:
    """An array that two runs do not have alike, and the first of its numbers that differ."""

    name: str
    reason: str | None = None  # why numbers cannot be compared: another shape, only one run has it
    place: tuple[int, ...] = ()
    values: tuple[float, float] | None = None  # there
    differing: int = 0  # how many numbers
    size: int = 0  # of how many
    largest: float | None = None  # the largest difference; None where one of two numbers is none

    def __str__(self) -> str:
        if self.values is None:
            return f"{self.name}: {self.reason}"
        first, second = self.values
        largest = "" if self.largest is None else f"; at most {self.largest:.3g} apart"
        counts = f"{self.differing:,} of {self.size:,} numbers differ"
        return f"{self.name}[{', '.join(map(str, self.place))}]: {first!r} and {second!r}; {counts}{largest}"


@dataclass(frozen=True)
class FigureDifference:
    """What two runs' metrics.json say otherwise under one name."""

    name: str  # test.auc
    values: tuple[Any, Any]  # None: no number

    def __str__(self) -> str:
        return f"{self.name}: {self.values[0]} and {self.values[1]}"


@dataclass(frozen=True)
class Parting:
    """In what two runs differ, each in its order.

    Columns of the history and figures that one run alone has, as one of another version of seqrun may, are none of it.
    """

    epoch: EpochDifference | None
    state: int | None  # the first epoch after which weights, optimizer or random states differ, as far as runs know it
    weights: tuple[ArrayDifference, ...]
    predictions: tuple[ArrayDifference, ...]
    metrics: tuple[FigureDifference, ...]
    of_one: tuple[str, ...] = ()  # figures of metrics.json that one run alone has
    left_out: tuple[str, ...] = ()  # parts that are not compared, as a file is damaged: history, weights, ...

    @property
    def identical(self) -> bool:
        """Whether history, weights, predictions and metrics are the same, to the last bit."""
        return not (self.epoch or self.weights or self.predictions or self.metrics or self.left_out)

    @property
    def same(self) -> list[str]:
        """What is the same, in words."""
        parts: dict[str, object] = {"history": self.epoch, "weights": self.weights, "predictions": self.predictions}
        parts |= {"metrics": self.metrics}
        return [name for name, found in parts.items() if not found and name not in self.left_out]

    def lines(self) -> dict[str, str]:
        """Return what differs first in each: a line of text under the name of the part."""
        found = {"history": str(self.epoch)} if self.epoch else {}
        if self.state is not None:
            found["state of training"] = f"from epoch {self.state} on (weights, optimizer or random numbers)"
        for name, items in (("weights", self.weights), ("predictions", self.predictions), ("metrics", self.metrics)):
            if items:
                more = f" (and {len(items) - 1} more)" if len(items) > 1 else ""
                found[name] = f"{items[0]}{more}"
        return found

    def only(self) -> str | None:
        """Return in words which figures one run alone has; None if there are none."""
        return listed_names(self.of_one, SHOWN) if self.of_one else None

    def record(self) -> dict[str, Any]:
        """Return all of it in JSON's own types."""
        return {"identical": self.identical, **asdict(self)}


def parting(one: RunRecord, other: RunRecord, tell: Callable[[str], None] | None = None) -> Parting:
    """Return in what two runs differ; files with the same bytes are not looked into.

    A part of which a file is damaged is left out, and `tell` is told why; without it, that is a UsageError.
    """
    reasons = {PARTS[file]: reason for run in (one, other) for file, reason in run.damaged}
    weights = _unless_damaged(one, other, WEIGHTS, reasons)
    predictions = _unless_damaged(one, other, PREDICTIONS, reasons)
    for part, reason in reasons.items():
        if tell is None:
            raise UsageError(reason)
        tell(f"{part} not compared: {reason}")
    figures, others = ({}, {}) if PARTS[METRICS] in reasons else (one.metrics or {}, other.metrics or {})
    return Parting(
        None if PARTS[HISTORY] in reasons else first_epoch(one.history, other.history),
        _first_state(one, other),
        weights,
        predictions,
        tuple(differing_figures(figures, others)),
        tuple(_of_one(figures, others)),
        tuple(reasons),
    )


def _unless_damaged(
    one: RunRecord, other: RunRecord, file: str, reasons: dict[str, str]
) -> tuple[ArrayDifference, ...]:
    """Return in what two runs' files of this name differ; nothing if one is damaged, of which `reasons` then has it."""
    try:
        return tuple(_arrays(one, other, file))
    except UsageError as error:
        reasons[PARTS[file]] = str(error)
        return ()


def first_epoch(one: list[Row], other: list[Row]) -> EpochDifference | None:
    """Return the first epoch in which two histories differ, with the columns that do; None if none does.

    Columns that one history alone has do not count.
    """
    columns_of_both = {name for row in one for name in row} & {name for row in other for name in row}
    known = columns_of_both or {"epoch"}
    for number, (row, like) in enumerate(zip_longest(one, other, fillvalue=None), start=1):
        first, second = row or {}, like or {}
        names = [name for name in in_order([*first, *second]) if name in known - {*TIMES}]
        columns = {name: (first.get(name), second.get(name)) for name in names}
        apart = {name: pair for name, pair in columns.items() if not _equal(*pair)}
        if apart:
            return EpochDifference(int(first.get("epoch", second.get("epoch", number))), apart)
    return None


def _first_state(one: RunRecord, other: RunRecord) -> int | None:
    """Return the first epoch whose hash differs; None where none does, or a run recorded none."""
    hashes, others = one.record.get("epochs_sha256") or [], other.record.get("epochs_sha256") or []
    pairs = enumerate(zip(hashes, others, strict=False), start=1)
    return next((epoch for epoch, (first, second) in pairs if first != second), None)


def differing_figures(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[FigureDifference]:
    """Yield what two metrics.json say otherwise of what both have, under dotted names, in the order of the first."""
    second = dict(_leaves(other))
    for name, value in _leaves(one):
        if name in second and not _equal(value, second[name]):
            yield FigureDifference(name, (value, second[name]))


def _of_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Yield the dotted names of what one of two metrics.json alone has."""
    first, second = dict(_leaves(one)), dict(_leaves(other))
    return (name for name in dict.fromkeys([*first, *second]) if (name in first) != (name in second))


def _leaves(value: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, item in items:
        name = f"{above}.{key}" if above else str(key)
        if isinstance(item, (Mapping, list)):
            yield from _leaves(item, name)
        else:
            yield name, item


def _equal(one: Any, other: Any) -> bool:
    both_nan = all(isinstance(value, float) and math.isnan(value) for value in (one, other))
    return bool(one == other) or both_nan


# --- arrays -----------------------------------------------------------------------------------------------------------


def _arrays(one: RunRecord, other: RunRecord, name: str) -> Iterator[ArrayDifference]:
    """Yield in what two runs' files of this name differ, array by array, in the order of the first."""
    there = [(run.path / name).is_file() for run in (one, other)]
    if not all(there):
        if any(there):
            yield ArrayDifference(name, f"only {(one if there[0] else other).path.name} has it")
        return
    if _same_bytes(one.path / name, other.path / name):
        return
    from seqrun.comparing.arrays import arrays_of  # here: numpy, and what reads runs, take half a second
    from seqrun.running.sample_facts import FACTS

    first, second = arrays_of(one, name), arrays_of(other, name)
    for key in dict.fromkeys([*first, *second]):
        if key in FACTS and (key not in first or key not in second):
            continue  # runs of earlier versions have none, and predict the same
        if key not in first or key not in second:
            yield ArrayDifference(key, f"only {(one if key in first else other).path.name} has it")
        elif found := differing_array(key, first[key], second[key]):
            yield found


def _same_bytes(one: Path, other: Path) -> bool:
    """Return whether two files hold the same; UsageError for one that cannot be read."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError as error:
        raise UsageError(f"{error.filename or one}: cannot be read: {error.strerror}") from None


def differing_array(name: str, one: np.ndarray, other: np.ndarray) -> ArrayDifference | None:
    """Return in what two arrays of one name differ, None if in nothing; NaN equals NaN."""
    import numpy as np

    if one.shape != other.shape:
        return ArrayDifference(name, f"shape {one.shape} and {other.shape}")
    apart = one != other
    if one.dtype.kind == "f" and other.dtype.kind == "f":
        apart &= ~(np.isnan(one) & np.isnan(other))
    if not apart.any():
        return None
    place = tuple(int(number) for number in np.argwhere(apart)[0])
    values = (one[place].item(), other[place].item())
    if one.dtype.kind not in "iufb":
        return ArrayDifference(name, None, place, values, int(apart.sum()), one.size)
    distance = float(np.abs(one.astype(np.float64) - other.astype(np.float64))[apart].max())
    largest = distance if math.isfinite(distance) else None
    return ArrayDifference(name, None, place, values, int(apart.sum()), one.size, largest)
