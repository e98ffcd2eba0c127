"""Many runs as one table: one row for each experiment (or run), its numbers averaged over seeds, the best first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqrun.comparing import repeats
from seqrun.comparing.against import reference_row
from seqrun.comparing.differences import MISSING, differing_keys, value_at
from seqrun.comparing.judging import Judge, judged
from seqrun.comparing.notes import passed_over_notes, selection_notes, test_set_notes, verdict_notes, warning_notes
from seqrun.comparing.repeats import Repeats
from seqrun.comparing.selection import marked
from seqrun.comparing.table import Comparison, TableRow, aggregate, mean
from seqrun.comparing.values import chosen_metrics, declared, full_name, training_seconds, values
from seqrun.errors import InputError, Parameter, UsageError
from seqrun.metrics import Direction, direction
from seqrun.rundir.reading import RunRecord
from seqrun.spelling import suggest

Tables = Mapping[Path, Mapping[str, float]]  # the metrics of each run


def compare(
    runs: Sequence[RunRecord],
    metrics: Sequence[str] = (),
    sort: str | None = None,
    all_runs: bool = False,
    *,
    against: Sequence[RunRecord] = (),
    smallest: float | None = None,
    verdicts: bool = True,
) -> Comparison:
    """Return the runs as a table, with `verdicts`; repeats are one row unless `all_runs`.

    `sort` is a metric or one of COLUMNS, best first (with a leading - worst first); by default the first metric. The
    verdicts are by that metric, against the row that `against` are the runs of, or else the best; `smallest` is the
    smallest difference that matters. Raises UsageError for an unknown metric or column, and if `against` is no one row.
    """
    if smallest is not None and not 0 <= smallest < math.inf:
        raise InputError(Parameter("smallest", smallest), ": must be a finite number, 0 or more")
    groups = repeats.each(runs) if all_runs else repeats.group(runs)
    tables = {run.path: values(run) for one in groups for run in one.counted}
    so_far = any(one.so_far for one in groups)
    directions = declared(runs)
    shown = chosen_metrics(metrics, tables.values(), so_far, [*directions])
    column, reverse = (sort.removeprefix("-"), sort.startswith("-")) if sort else (None, False)
    column = ALIASES.get(column, column) if column else None
    if column and column not in COLUMNS:
        _check_sortable(column, tables.values(), so_far)
        shown = list(dict.fromkeys([*shown, full_name(column)]))
    rows, keys = _rows(groups, shown, tables, all_runs)
    reference = reference_row(rows, groups, against) if against else None
    ordered = sort_rows(rows, column or first_with_direction(shown, directions), reverse, directions)
    metrics = shown if column is None or column in COLUMNS else [full_name(column)]
    if verdicts:
        ordered = judged(ordered, Judge(tables, metrics, directions, smallest), reference)
    ordered = marked(ordered, directions, all_runs)
    result = Comparison(ordered, keys, shown, directions=directions, asked=column is not None)
    result.notes.extend(_notes(result, groups))
    return result


def _rows(
    groups: Sequence[Repeats], shown: Sequence[str], tables: Tables, all_runs: bool
) -> tuple[list[TableRow], list[str]]:
    """Return the rows of the groups, in their order, and the config keys in which they differ."""
    configs = [_labelled(one) if all_runs else one.config for one in groups]
    keys = differing_keys(_telling(groups, configs, tables))
    sets = list(dict.fromkeys(one.test_data for one in groups if one.test_data is not None))
    rows = [
        _row(one, {key: value_at(config, key) for key in keys}, shown, tables, sets)
        for one, config in zip(groups, configs, strict=True)
    ]
    return rows, keys


def _notes(comparison: Comparison, groups: Sequence[Repeats]) -> list[str]:
    """Return what a reader of the comparison should know."""
    about = [*verdict_notes(comparison), *selection_notes(comparison)]
    return [*passed_over_notes(groups), *test_set_notes(comparison), *about, *warning_notes(groups)]


def _labelled(one: Repeats) -> dict[str, Any]:
    return {"seed": one.runs[0].record.get("seed"), **one.config}


def _telling(groups: Sequence[Repeats], configs: Sequence[dict[str, Any]], tables: Tables) -> list[dict[str, Any]]:
    """Return the configs whose differences are worth a column: runs that ended without any metric are left out."""
    return [
        config
        for one, config in zip(groups, configs, strict=True)
        if "running" in one.status or any(tables[run.path] for run in one.counted)
    ]


def _row(one: Repeats, config: dict[str, Any], shown: Sequence[str], tables: Tables, sets: Sequence[str]) -> TableRow:
    counted, newest = one.counted, one.counted[-1]
    return TableRow(
        name=newest.record.get("name") or newest.path.name,
        runs=counted,
        status=one.status,
        so_far=one.so_far,
        test_data=None if one.test_data is None else sets.index(one.test_data) + 1,
        config={key: value for key, value in config.items() if value is not MISSING},
        metrics={name: aggregate(tables[run.path].get(name) for run in counted) for name in shown},
        skill=aggregate((run.metrics or {}).get("skill") for run in counted if not one.so_far),
        parameters=(newest.record.get("parameters") or {}).get("total"),
        epochs=aggregate(run.history[-1]["epoch"] if run.history else None for run in counted),
        seconds=aggregate(training_seconds(run) for run in counted),
    )


# --- order --------------------------------------------------------------------------------------------------


COLUMNS: dict[str, Callable[[TableRow], Any]] = {  # sort keys, ascending: small, early, a to z
    "name": lambda row: row.name,
    "started": lambda row: repeats.started(row.runs[-1]),
    "parameters": lambda row: row.parameters,
    "epochs": lambda row: mean(row.epochs),
    "seconds": lambda row: mean(row.seconds),
    "skill": lambda row: None if row.skill is None else -row.skill.mean,
}


ALIASES = {"time": "seconds", "training": "seconds"}  # the table's heading, and a likely guess


def sort_rows(
    rows: Sequence[TableRow], column: str, reverse: bool = False, directions: Mapping[str, Direction] | None = None
) -> list[TableRow]:
    """Return the rows, best first (`reverse`: worst first); rows without that number come last in both cases."""
    # Any, because columns hold text or numbers; the values of one column can be compared.
    key: Callable[[TableRow], Any] = COLUMNS.get(column) or _by_metric(full_name(column), directions)
    ranked = sorted((row for row in rows if key(row) is not None), key=key, reverse=reverse)
    return ranked + [row for row in rows if key(row) is None]


def first_with_direction(metrics: Sequence[str], directions: Mapping[str, Direction]) -> str:
    """Return the default sort column: the first metric that has a direction, or "started" if none has."""
    for name in metrics:
        try:
            direction(name, directions)
        except KeyError:
            continue
        return name
    return "started"


def _by_metric(name: str, directions: Mapping[str, Direction] | None) -> Callable[[TableRow], float | None]:
    try:
        sign = -1 if direction(name, directions) == "max" else 1
    except KeyError as error:
        raise UsageError(f"cannot sort by {name}: {error.args[0]}") from None
    return lambda row: None if (figure := row.metrics[name]) is None else sign * figure.mean


def _check_sortable(column: str, tables: Iterable[Mapping[str, float]], so_far: bool) -> None:
    """Raise UsageError, listing all sortable columns, if `column` is not a metric of the runs."""
    known = sorted({name for table in tables for name in table})
    pending = {full_name(name.partition(".")[2]) for name in known} if so_far else set()
    if full_name(column) not in {*known, *pending}:
        columns = [*COLUMNS, *ALIASES]
        near = suggest(column, [*columns, *(name.removeprefix("test.") for name in known)])
        metrics = f", or a metric: {', '.join(known)}" if known else "; the runs have no metrics yet"
        raise UsageError(f"--sort: unknown {column!r}{near}; sort by {', '.join(columns)}{metrics}")
