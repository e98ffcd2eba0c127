"""Many runs as one table: one row for each experiment (or run), its numbers averaged over seeds, the best first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqrun.comparing import repeats
from seqrun.comparing.differences import MISSING, differing_keys, show, value_at
from seqrun.comparing.repeats import Repeats
from seqrun.comparing.values import chosen_metrics, declared, full_name, training_seconds, values
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction
from seqrun.readable import listed_names
from seqrun.rundir.reading import RunRecord
from seqrun.spelling import suggest

Tables = Mapping[Path, Mapping[str, float]]  # the metrics of each run

SHOWN_WARNINGS = 5
MARK = "(!)"  # beside a run that has warnings
SHOWN_NAMES = 3


@dataclass(frozen=True)
class Aggregate:
    """The values of one metric, or other number, over repeats."""

    values: tuple[float, ...]

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / self.n

    @property
    def sd(self) -> float | None:
        """The sample standard deviation (n - 1); None for one value."""
        mean = self.mean
        return math.sqrt(math.fsum((value - mean) ** 2 for value in self.values) / (self.n - 1)) if self.n > 1 else None


def aggregate(found: Iterable[float | None]) -> Aggregate | None:
    """Return the values that are not None, as an Aggregate; None if there are none."""
    kept = tuple(value for value in found if value is not None)
    return Aggregate(kept) if kept else None


@dataclass(frozen=True)
class TableRow:
    """One experiment, or one run with --all. A number that none of its runs has is None."""

    name: str
    runs: tuple[RunRecord, ...]  # whose figures these are
    status: str
    so_far: bool  # the figures are of runs that have not finished
    test_data: int | None  # number of the test set, from 1; None while it is not known
    config: dict[str, Any]  # differing key -> value; a key that the config does not have is left out
    metrics: dict[str, Aggregate | None]  # metric -> figure
    skill: Aggregate | None
    parameters: int | None
    epochs: Aggregate | None
    seconds: Aggregate | None  # of training: all epochs, validation included

    @property
    def label(self) -> str:
        """The name in the table: that of the run directory if there is one run, else that of the experiment."""
        return self.runs[0].path.name if len(self.runs) == 1 else self.name

    @property
    def tags(self) -> list[str]:
        """The tags of the runs, each once."""
        return list(dict.fromkeys(tag for run in self.runs for tag in run.tags))

    @property
    def warnings(self) -> list[str]:
        """What the runs warn of, each text once."""
        return list(dict.fromkeys(text for run in self.runs for text in run.record.get("warnings") or ()))


@dataclass(frozen=True)
class Comparison:
    """The table: its rows in order, the config keys and metrics that are its columns, and notes for the reader."""

    rows: list[TableRow]
    keys: list[str]
    metrics: list[str]
    notes: list[str] = field(default_factory=list)
    directions: Mapping[str, Direction] = field(default_factory=dict)  # of metrics, as trainers declare them
    asked: bool = False  # the order is one that the user asked for

    @property
    def all_finished(self) -> bool:
        return all(row.status == "finished" for row in self.rows)

    @property
    def unequal(self) -> bool:
        """Whether the rows were measured on more than one test set."""
        return len({row.test_data for row in self.rows} - {None}) > 1


def compare(
    runs: Sequence[RunRecord], metrics: Sequence[str] = (), sort: str | None = None, all_runs: bool = False
) -> Comparison:
    """Return the runs as a table; repeats are one row unless `all_runs`.

    `sort` is a metric or one of COLUMNS, best first (with a leading - worst first); by default the first metric. Raises
    UsageError for an unknown metric or column.
    """
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
    configs = [_labelled(one) if all_runs else one.config for one in groups]
    keys = differing_keys(_telling(groups, configs, tables))
    sets = list(dict.fromkeys(one.test_data for one in groups if one.test_data is not None))
    rows = [
        _row(one, {key: value_at(config, key) for key in keys}, shown, tables, sets)
        for one, config in zip(groups, configs, strict=True)
    ]
    ordered = sort_rows(rows, column or first_with_direction(shown, directions), reverse, directions)
    result = Comparison(ordered, keys, shown, directions=directions, asked=column is not None)
    result.notes.extend([*_passed_over_notes(groups), *_test_set_notes(result), *_warning_notes(groups)])
    return result


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


def _mean(figure: Aggregate | None) -> float | None:
    return None if figure is None else figure.mean


COLUMNS: dict[str, Callable[[TableRow], Any]] = {  # sort keys, ascending: small, early, a to z
    "name": lambda row: row.name,
    "started": lambda row: repeats.started(row.runs[-1]),
    "parameters": lambda row: row.parameters,
    "epochs": lambda row: _mean(row.epochs),
    "seconds": lambda row: _mean(row.seconds),
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


# --- what the reader should know ----------------------------------------------------------------------------


def _test_set_notes(comparison: Comparison) -> list[str]:
    if not comparison.unequal:
        return []
    measured: dict[int, RunRecord] = {}
    for row in comparison.rows:
        if row.test_data is not None:
            measured.setdefault(row.test_data, row.runs[-1])
    alike: dict[str, list[int]] = {}
    for number, run in sorted(measured.items()):
        alike.setdefault(_test_set(run), []).append(number)
    texts: dict[int, str] = {}
    for text, numbers in alike.items():
        differences = _what_differs([measured[number] for number in numbers]) if len(numbers) > 1 else [""]
        texts |= {number: text + difference for number, difference in zip(numbers, differences, strict=True)}
    sets = "; ".join(f"{number}: {text}" for number, text in sorted(texts.items()))
    return [f"the runs were measured on unequal test data, don't compare across them ({sets})"]


def _test_set(run: RunRecord) -> str:
    data = run.record.get("data", {})
    hashes = [source["sha256"][:8] for source in data.get("sources", ())]
    rows = (data.get("rows") or {}).get("test")
    name = run.record.get("config", {}).get("dataset", {}).get("name", "?")
    size = "" if rows is None else f", {rows:,} test rows"
    return f"{name}{size}{', sha256 ' + ' '.join(hashes) if hashes else ''}"


def _what_differs(runs: Sequence[RunRecord]) -> Iterator[str]:
    """Yield for each run what may explain its different test set, where source files and size are equal.

    That is the dataset settings that differ, or else the trainer.
    """
    configs = [run.record.get("config", {}) for run in runs]
    datasets = [config.get("dataset", {}) for config in configs]
    keys = [key for key in differing_keys(datasets) if key != "path"]  # it is the same file, wherever it lies
    for config, dataset in zip(configs, datasets, strict=True):
        settings = [f"{key} {show(value_at(dataset, key))}" for key in keys]
        trainer = config.get("trainer", {}).get("name", "?")
        yield f", {', '.join(settings) or f'targets of the {trainer}'}"


def _passed_over_notes(groups: Sequence[Repeats]) -> list[str]:
    names = [run.path.name for one in groups for run in one.passed_over]
    if not names:
        return []
    have = "run has" if len(names) == 1 else "runs have"
    listed = listed_names(names, SHOWN_NAMES)
    return [f"{len(names)} more {have} the config and seed of a row above; --all shows each: {listed}"]


def _warning_notes(groups: Sequence[Repeats]) -> list[str]:
    """Return the runs' own warnings, each once, with the run that gave it or the number of runs that did.

    Rows with any have MARK in the table. Of a text with several lines the first is given.
    """
    warned: dict[str, list[str]] = {}
    for run in (run for one in groups for run in one.counted):
        for text in run.record.get("warnings") or ():
            warned.setdefault(text, []).append(run.path.name)
    notes = [
        f"{MARK} {who[0] if len(who) == 1 else f'{len(who)} runs'}: {_first_line(text)}" for text, who in warned.items()
    ]
    left = len(notes) - SHOWN_WARNINGS
    return [*notes[:SHOWN_WARNINGS], f"{left} more warnings: see seqrun show RUN"] if left > 0 else notes


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0].rstrip(":")
