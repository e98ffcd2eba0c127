"""Whether the best row was chosen by luck too: the best of many seeds or configs looks better than it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from seqrun.comparing.repeats import experiment_config, started, test_data
from seqrun.comparing.table import Selection, TableRow, aggregate
from seqrun.comparing.values import values
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction
from seqrun.rundir.names import in_directory
from seqrun.rundir.reading import RunRecord, read_run

FEWEST_CONFIGS = 3  # of which the best is called selected
MOST_READ = 50  # runs beside a given one that are looked into, the newest

_NUMBER = re.compile(r"-\d+$")  # of runs that began in the same second


def marked(rows: Sequence[TableRow], directions: Mapping[str, Direction], all_runs: bool) -> list[TableRow]:
    """Return the rows, the best of which say of how many they were selected, and what fresh seeds came to.

    Fresh are runs that a later command started than the one that started the first run of the row, and later than all
    runs that the row was chosen from. `all_runs` says that repeats are rows of their own.
    """
    return [
        replace(row, selected=_selection(row, rows, directions, all_runs))
        if row.verdict is not None and row.verdict.word == "best"
        else row
        for row in rows
    ]


def _selection(
    best: TableRow, rows: Sequence[TableRow], directions: Mapping[str, Direction], all_runs: bool
) -> Selection | None:
    metric = best.verdict.metric if best.verdict is not None else ""
    rivals = [row for row in rows if row is not best and _is_rival(row, best)]
    repeats = [row for row in rivals if all_runs and _is_repeat(row.runs[0], best.runs[0])]
    given = [*best.runs, *(run for row in repeats for run in row.runs)]
    near = beside(best.runs[0], [run for row in rows for run in row.runs]) if len(best.runs) == 1 else ()
    runs = _measured(sorted([*given, *near], key=started), metric)
    first = best.runs[0]
    end = max(started(run) for run, _ in runs if run.record.get("argv") == first.record.get("argv"))
    chosen = [value for run, value in runs if started(run) <= end]
    if len(best.runs) == 1 and len(chosen) > 1:
        way = max if direction(metric, directions) == "max" else min
        fresh = aggregate(value for run, value in runs if started(run) > end)
        is_best = way(chosen) == values(first).get(metric)
        return Selection(len(chosen), "seeds", fresh) if is_best else None
    own = {id(row) for row in repeats}
    others = [row for row in rivals if id(row) not in own]
    end = max([end, *(started(run) for row in others for run in row.runs)])
    fresh = aggregate(value for run, value in runs if started(run) > end)
    once = len(runs) - (fresh.n if fresh is not None else 0) == 1
    return Selection(len(others) + 1, "configs", fresh) if once and len(others) + 1 >= FEWEST_CONFIGS else None


def _is_rival(row: TableRow, best: TableRow) -> bool:
    """Return whether a row was compared with the best by the same metric, on the same test set."""
    same_metric = row.verdict is not None and best.verdict is not None and row.verdict.metric == best.verdict.metric
    return same_metric and (row.family, row.test_data) == (best.family, best.test_data)


def _measured(runs: Iterable[RunRecord], metric: str) -> list[tuple[RunRecord, float]]:
    return [(run, value) for run in runs if (value := values(run).get(metric)) is not None]


def _is_repeat(run: RunRecord, of: RunRecord) -> bool:
    return (
        run.record.get("seed") != of.record.get("seed")
        and test_data(run) == test_data(of)
        and experiment_config(run) == experiment_config(of)
    )


def beside(run: RunRecord, given: Sequence[RunRecord]) -> Iterator[RunRecord]:
    """Yield the finished repeats of a run that lie in its folder, under the same name, and were not given."""
    known = {each.path.name for each in given if each.path.parent == run.path.parent}
    ending = f"_{in_directory(run.record.get('name') or '')}"
    names = {name for name in _names(run.path.parent) if ending in (name[-len(ending) :], _bare(name)[-len(ending) :])}
    for name in sorted(names - known, reverse=True)[:MOST_READ]:
        with suppress(UsageError):  # a damaged run says nothing here
            found = read_run(run.path.parent / name)
            if found.status == "finished" and _is_repeat(found, run):
                yield found


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:  # it may be entered and not listed
        return []


def _bare(name: str) -> str:
    """Return a directory's name without the number that tells runs of one second apart."""
    return _NUMBER.sub("", name)
