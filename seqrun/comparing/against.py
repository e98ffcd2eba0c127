"""The row that all others are compared with, as a user names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from seqrun.comparing.repeats import Repeats
from seqrun.comparing.table import TableRow
from seqrun.errors import InputError, Parameter
from seqrun.readable import counted, listed_names
from seqrun.rundir.reading import RunRecord

Read = Callable[[str], Sequence[RunRecord]]


def runs_called(given: str, runs: Sequence[RunRecord], read: Read) -> list[RunRecord]:
    """Return the runs that a reference's name means: of the runs compared those of that directory or experiment.

    If none of them is called so, `read` finds them: by a path, or a name such as `@2`.
    """
    named = [run for run in runs if run.path.name == given] or [run for run in runs if run.record.get("name") == given]
    return named or [*read(given)]


def names_of(rows: Iterable[TableRow]) -> dict[int, str]:
    """Return what each row is called so that no other is, and `runs_called` finds its runs, by the row's id.

    That is its label or, where another row has the same, the name of its newest run's directory, or the path.
    """
    directories: dict[str, set[int]] = {}
    experiments: dict[str, set[int]] = {}
    rows = [*rows]
    for row in rows:
        for run in row.runs:
            directories.setdefault(run.path.name, set()).add(id(row))
            experiments.setdefault(run.record.get("name") or run.path.name, set()).add(id(row))

    def tells(row: TableRow, name: str) -> bool:
        return (directories.get(name) or experiments.get(name)) == {id(row)}

    names = ((row, (row.label, row.runs[-1].path.name)) for row in rows)
    return {id(row): next((name for name in of if tells(row, name)), str(row.runs[-1].path)) for row, of in names}


def among(runs: Sequence[RunRecord], others: Sequence[RunRecord]) -> list[RunRecord]:
    """Return the runs, and those of the others that are not among them."""
    there = {run.path.resolve() for run in runs} if {id(run) for run in others} - {id(run) for run in runs} else None
    return [*runs, *(run for run in others if there is not None and run.path.resolve() not in there)]


def reference_row(rows: Sequence[TableRow], groups: Sequence[Repeats], against: Sequence[RunRecord]) -> TableRow:
    """Return the row of these runs; `groups` are the runs of each row. Raises InputError if it is not one row."""
    meant = {run.path.resolve() for run in against}
    found = [
        row
        for row, group in zip(rows, groups, strict=True)
        if any(run.path.resolve() in meant for run in (*group.runs, *group.passed_over))
    ]
    if len(found) != 1:
        names = listed_names([row.runs[-1].path.name for row in found])
        raise InputError(
            Parameter("against"), f": {counted(len(found), 'row')} are called so; name a run of one: {names}"
        )
    return found[0]
