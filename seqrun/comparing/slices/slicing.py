"""The metrics of one run, or of the rows of a comparison, on slices of their test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqrun.comparing.items.outcome import NotComparable
from seqrun.comparing.slices.outcome import Figure, Sliced
from seqrun.comparing.table import Aggregate, Comparison, TableRow, aggregate
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import InputError, Parameter, UsageError
from seqrun.rundir.reading import RunRecord

if TYPE_CHECKING:
    from seqrun.comparing.slices.cutting import Cut


def sliced(run: RunRecord, by: str, metrics: Sequence[str] = ()) -> Sliced:
    """Return a run's test metrics, by default the usual ones, on slices of its test split.

    Raises UsageError for a run without predictions, a metric that they do not tell, or a split that cannot be cut so.
    """
    from seqrun.comparing.items.paired import items_of, measure_of  # here: numpy and what reads runs take a while
    from seqrun.comparing.slices.cutting import cut
    from seqrun.comparing.slices.measuring import measured

    usual = [] if metrics else chosen_metrics((), [values(run)], so_far=False, telling=[*declared([run])])
    asked = [_of_test(name) for name in metrics or usual]
    try:
        items = items_of(run)
        for name in asked if metrics else ():
            measure_of(items, name, run.path.name)
    except NotComparable as error:
        raise UsageError(str(error)) from None
    slices = cut(run, items, by)
    figures = {name: measured(items, slices, name) for name in asked if name in items.measures}
    if not metrics:
        figures = {name: found for name, found in figures.items() if _is_told(found)}
    return Sliced(
        by,
        slices.names,
        slices.counts,
        {name: found[:-1] for name, found in figures.items()},
        {name: found[-1] for name, found in figures.items()},
        [slices.note] if slices.note else [],
    )


def _is_told(figures: Sequence[Figure | Aggregate | None]) -> bool:
    """Return whether a metric is defined on a slice at least; the last figure is that of all items."""
    return any(found is not None and not (isinstance(found, Figure) and found.value is None) for found in figures[:-1])


def _of_test(metric: str) -> str:
    split, _, name = metric.rpartition(".")
    if split not in ("", "test"):
        raise UsageError(f"{metric}: runs keep the predictions of their test split alone")
    return name


@dataclass(frozen=True)
class SlicedRow:
    """A row of a comparison on slices: the figure of its one run, or the figures of its repeats."""

    row: TableRow
    figures: Sequence[Figure | Aggregate | None]  # of each slice, then of the whole split; None: it is not known there


@dataclass(frozen=True)
class SlicedRows:
    """Rows that were measured on one test set, on the same slices of it."""

    by: str
    metric: str
    names: Sequence[str]
    counts: Sequence[int]
    rows: Sequence[SlicedRow]


@dataclass(frozen=True)
class SlicedComparison:
    """A comparison by slices: tables of rows that share a test set, and notes for the reader."""

    tables: Sequence[SlicedRows]
    notes: Sequence[str]


def compared(comparison: Comparison, by: str, metrics: Sequence[str] = ()) -> SlicedComparison:
    """Return the rows' test metrics on slices of their test sets.

    Each test set is cut once, as the first run has kept it that can be cut so, and the cuts hold for all rows. Without
    `metrics` they are those of the comparison, as far as slices have them. Raises UsageError if no run can be cut so.
    """
    notes: list[str] = []
    groups: dict[tuple[str, int | None], list[TableRow]] = {}
    for row in comparison.rows:
        groups.setdefault((row.family, row.test_data), []).append(row)
    tables: list[SlicedRows] = []
    refused: list[Exception] = []
    for rows in groups.values():
        try:
            found = _tables(rows, by, [_of_test(name) for name in metrics or _measured(rows)], notes)
            tables += [each for each in found if metrics or any(_is_told(row.figures) for row in each.rows)]
        except (NotComparable, InputError) as error:
            refused.append(error)
    if refused and not tables:
        raise refused[0] if isinstance(refused[0], UsageError) else UsageError(str(refused[0]))
    if not tables:
        raise InputError(
            Parameter("by", by), ": no usual metric is defined on a slice; name one with ", Parameter("metric")
        )
    return SlicedComparison(tables, [*notes, *map(str, refused)])


def _measured(rows: Sequence[TableRow]) -> list[str]:
    """Return the metrics of the comparison that these rows have."""
    return [name for name in rows[0].metrics if any(row.metrics[name] is not None for row in rows)]


def _tables(rows: Sequence[TableRow], by: str, metrics: Sequence[str], notes: list[str]) -> list[SlicedRows]:
    """Return a table for each metric, of rows that share a test set; add to the notes what could not be had."""
    slices = _first_cut([run for row in rows for run in row.runs], by)
    notes += [slices.note] if slices.note else []
    found: dict[str, list[SlicedRow]] = {name: [] for name in metrics}
    for row in rows:
        of_runs = [_of_run(run, slices, metrics, notes, alone=len(row.runs) > 1) for run in row.runs]
        for name in metrics:
            there = [figures[name] for figures in of_runs if name in figures]
            found[name].append(SlicedRow(row, _joined(there) if there else [None] * (len(slices.names) + 1)))
    return [SlicedRows(by, name, slices.names, slices.counts, sliced) for name, sliced in found.items()]


def _first_cut(runs: Sequence[RunRecord], by: str) -> Cut:
    """Return the slices as the first run has kept them that can be cut so; raise what the first says if none can."""
    from seqrun.comparing.items.paired import items_of
    from seqrun.comparing.slices.cutting import cut

    refused: Exception | None = None
    for run in runs:
        try:
            return cut(run, items_of(run), by)
        except (NotComparable, InputError) as error:
            refused = refused or error
    raise refused or NotComparable("there is no run")


def _of_run(
    run: RunRecord, slices: Cut, metrics: Sequence[str], notes: list[str], *, alone: bool
) -> Mapping[str, list[Figure]]:
    """Return a run's metrics on the slices; `alone`: without intervals, as one of several repeats."""
    from seqrun.comparing.items.paired import items_of, measure_of
    from seqrun.comparing.slices.measuring import figures_alone, measured

    try:
        items = items_of(run)
        own = slices.of(items)
        if own is None:
            raise NotComparable(f"{run.path.name} has kept predictions of other test rows than the first run")
        for name in metrics:
            measure_of(items, name, run.path.name)
    except NotComparable as error:
        notes.append(str(error))
        return {}
    return {name: (figures_alone if alone else measured)(items, own, name) for name in metrics}


def _joined(of_runs: Sequence[Sequence[Figure]]) -> list[Figure | Aggregate | None]:
    """Return the figures of a row: those of its run or, of repeats, the values of all runs together."""
    if len(of_runs) == 1:
        return [*of_runs[0]]
    return [aggregate(figure.value for figure in of_slice) for of_slice in zip(*of_runs, strict=True)]
