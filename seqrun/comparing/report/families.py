"""The families of a report: runs that can be compared, of one trainer on one dataset, a table each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from seqrun.comparing import repeats
from seqrun.comparing.comparison import compare
from seqrun.comparing.notes import warning_notes
from seqrun.comparing.table import Comparison, family_of
from seqrun.comparing.values import chosen_metrics, full_name, values
from seqrun.rundir.reading import RunRecord


@dataclass(frozen=True)
class Asked:
    """What a user asked of the tables."""

    metrics: Sequence[str] = ()
    all_runs: bool = False  # a row a run: repeats are not averaged
    against: Sequence[RunRecord] = ()  # the runs of the row that others are compared with
    smallest: float | None = None  # the smallest difference that matters


@dataclass(frozen=True)
class Family:
    """The runs of one trainer on one dataset, as a table."""

    title: str
    runs: tuple[RunRecord, ...]
    comparison: Comparison
    notes: tuple[str, ...]  # of the comparison, but for the runs' warnings

    @cached_property
    def shown(self) -> tuple[RunRecord, ...]:
        """The runs whose figures the table has, in its order."""
        return tuple(run for row in self.comparison.rows for run in row.runs)


def families_of(runs: Sequence[RunRecord], asked: Asked) -> list[Family]:
    """Return the runs by family, that of most runs first.

    Of the metrics asked for, a family shows those that its runs have, or the usual ones if they have none. Raises
    UsageError for a metric that no run has.
    """
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        groups.setdefault(family_of(run), []).append(run)
    if asked.metrics:
        unfinished = any(run.status != "finished" for run in runs)
        chosen_metrics(asked.metrics, [values(run) for run in runs], unfinished)  # it raises the error
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_family(title, members, asked) for title, members in ordered]


def _family(title: str, runs: Sequence[RunRecord], asked: Asked) -> Family:
    known = {name for run in runs for name in values(run)}
    metrics = [name for name in asked.metrics if full_name(name) in known]
    against = [run for run in asked.against if family_of(run) == title]
    comparison = compare(runs, metrics, all_runs=asked.all_runs, against=against, smallest=asked.smallest)
    warned = warning_notes(repeats.each(runs) if asked.all_runs else repeats.group(runs))
    notes = tuple(note for note in comparison.notes if note not in warned)
    return Family(title, tuple(runs), comparison, notes)
