"""Metrics on slices as text: cells for people, full precision for programs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

from seqrun.comparing.formats import Grid, cell
from seqrun.comparing.slices.outcome import Figure, Sliced
from seqrun.comparing.slices.slicing import SlicedComparison, SlicedRow, SlicedRows
from seqrun.comparing.table import Aggregate
from seqrun.readable import figure
from seqrun.tasks.pages import NOTHING, Section

WHOLE = "all"


def section(found: Sliced) -> Section:
    """Return a run's metrics on slices as a table, a row a slice, the last of all items."""
    headers = [found.by, "n", *found.figures]
    rows = [
        [name, f"{count:,}", *(_figure(of_slices[number]) for of_slices in found.figures.values())]
        for number, (name, count) in enumerate(zip(found.names, found.counts, strict=True))
    ]
    whole = [WHOLE, "", *(_figure(each) for each in found.whole.values())]
    return Section(headers, [*rows, whole], ("n", *found.figures))


def as_json(found: Sliced) -> dict[str, Any]:
    """Return a run's metrics on slices as JSON has them: for each slice its items, and each metric's interval."""
    slices = zip(found.names, found.counts, strict=True)
    return {
        "by": found.by,
        "slices": [
            {
                "slice": name,
                "n": count,
                "metrics": {metric: _structured(each[number]) for metric, each in found.figures.items()},
            }
            for number, (name, count) in enumerate(slices)
        ],
        "whole": {metric: _structured(each) for metric, each in found.whole.items()},
        "notes": [*found.notes],
    }


def grids(found: SlicedComparison) -> dict[str, Grid]:
    """Return the tables for people by their names: a row a slice, a column a row of the comparison."""
    names = Counter(_title(table) for table in found.tables)
    titles = [
        f"{_title(table)} ({number})" if names[_title(table)] > 1 else _title(table)
        for number, table in enumerate(found.tables, start=1)
    ]
    return {title: _grid(table) for title, table in zip(titles, found.tables, strict=True)}


def _title(table: SlicedRows) -> str:
    return f"{table.rows[0].row.family} · {table.metric}"


def _grid(table: SlicedRows) -> Grid:
    labels = [each.row.label for each in table.rows]
    counts = [*(f"{count:,}" for count in table.counts), ""]
    rows = [
        [name, counts[number], *(_figure(row.figures[number]) for row in table.rows)]
        for number, name in enumerate([*table.names, WHOLE])
    ]
    return Grid([f"{table.metric} by {table.by}", "n", *labels], rows, ["n", *labels])


def _figure(found: Figure | Aggregate | None) -> str:
    if isinstance(found, Aggregate):
        return cell(found)
    if found is None or found.value is None:
        return NOTHING
    ends = "" if found.interval is None else f" [{', '.join(map(figure, found.interval))}]"
    return f"{figure(found.value)}{ends}"


def to_json(found: SlicedComparison) -> str:
    """Return a JSON list of rows, each with its figures on each slice."""
    rows = [_row(table, row) for table in found.tables for row in table.rows]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _row(table: SlicedRows, row: SlicedRow) -> dict[str, Any]:
    *slices, whole = row.figures
    named = zip(table.names, table.counts, slices, strict=True)
    return {
        "name": row.row.name,
        "runs": [str(run.path) for run in row.row.runs],
        "test_data": row.row.test_data,
        "by": table.by,
        "metric": table.metric,
        "slices": [{"slice": name, "n": count, **_structured(each)} for name, count, each in named],
        "whole": _structured(whole),
    }


def _structured(found: Figure | Aggregate | None) -> dict[str, Any]:
    """Return a figure's value, its interval over items, or its spread over seeds."""
    if isinstance(found, Aggregate):
        return {"value": found.mean, "interval": None, "sd": found.sd, "values": [*found.values]}
    if found is None:
        return {"value": None, "interval": None, "sd": None, "values": []}
    values = [] if found.value is None else [found.value]
    return {"value": found.value, "interval": found.interval, "sd": None, "values": values}


def to_csv(found: SlicedComparison) -> str:
    """Return a line for each row and slice, the last slice being all items."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["name", "runs", "test_data", "metric", "by", "slice", "n", "value", "low", "high", "sd"])
    for table in found.tables:
        for row in table.rows:
            runs = " ".join(str(run.path) for run in row.row.runs)
            start = [row.row.name, runs, row.row.test_data, table.metric, table.by]
            for name, count, each in zip([*table.names, WHOLE], [*table.counts, None], row.figures, strict=True):
                told = _structured(each)
                writer.writerow([*start, name, count, told["value"], *(told["interval"] or (None, None)), told["sd"]])
    return out.getvalue()
