"""What a report holds, whatever it is written as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from seqrun.comparing.report.card import Item, Mark, card
from seqrun.comparing.report.curves import BUDGET, MOST_POINTS, Chart, charts
from seqrun.comparing.report.families import Asked, Family, families_of
from seqrun.comparing.report.looks import looks
from seqrun.comparing.report.single import Shown, shared_by, shown, without
from seqrun.comparing.report.tables import Line, Table, table
from seqrun.readable import counted, listed_names
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.pages import Section


@dataclass(frozen=True)
class Part:
    """A family in the report."""

    family: Family
    table: Table
    charts: tuple[Chart, ...]
    card: tuple[Item, ...]
    shared: tuple[Section, ...]  # of config, data and environment, what these runs have in common, not all of them

    @property
    def notes(self) -> list[str]:
        """What the table's reader should know."""
        usual = self.table.usual
        return [*([usual] if usual else []), *self.family.notes]

    @property
    def warned(self) -> list[tuple[str, list[RunRecord]]]:
        """What runs warn of, each text once, with the runs that do."""
        found: dict[str, list[RunRecord]] = {}
        for run in self.family.shown:
            for text in run.record.get("warnings") or ():
                found.setdefault(text, []).append(run)
        return list(found.items())

    @property
    def order(self) -> str:
        """How the table's rows are sorted, in words."""
        column = self.table.sorted_by
        return f"the best by {column} first" if column else "in the order in which they began"

    @property
    def failed(self) -> list[RunRecord]:
        """The runs that have ended without results."""
        return [run for run in self.family.runs if run.status in ("failed", "diverged", "interrupted")]

    @property
    def told(self) -> str:
        """What the card comes to, in a line."""
        marks = Counter(item.mark for item in self.card)
        return f"{marks[Mark.LOOK]} to look at, {marks[Mark.UNKNOWN]} not known"

    def called(self, line: Line, drawn: Sequence[Line]) -> str:
        """Return what a drawn row is called in the legend: its directory where another has its name."""
        alike = sum(other.label == line.label for other in drawn)
        return line.label if alike == 1 else line.row.label


@dataclass(frozen=True)
class Report:
    """Runs as a document."""

    title: str
    written: datetime
    parts: tuple[Part, ...]
    shared: tuple[Section, ...]  # of config, data and environment, what all runs have in common
    skipped: tuple[str, ...]  # what is no run, with the reason
    with_plots: bool

    @property
    def count(self) -> int:
        return sum(len(part.family.runs) for part in self.parts)

    @property
    def summary(self) -> str:
        """How many runs there are, of what, and how they ended."""
        counts = Counter(run.status for part in self.parts for run in part.family.runs)
        ended = ", ".join(f"{count} {status}" for status, count in counts.most_common())
        what = listed_names([part.family.title for part in self.parts])
        return f"{counted(self.count, 'run')} ({ended}): {what}."

    def runs(self) -> Iterator[tuple[Part, RunRecord]]:
        """Yield the runs in the order of the tables."""
        for part in self.parts:
            for run in part.family.shown:
                yield part, run

    def shown(self, part: Part, run: RunRecord) -> Shown:
        """Return a run of a part as the report shows it; its plots are read now."""
        return shown(run, part.family.comparison.keys, [*self.shared, *part.shared], self.with_plots)


def report(
    runs: Sequence[RunRecord],
    asked: Asked,
    *,
    title: str | None = None,
    skipped: Sequence[str] = (),
    with_plots: bool = True,
) -> Report:
    """Return the report of these runs.

    Raises UsageError for a metric that no run has.
    """
    found = families_of(runs, asked)
    shared = shared_by([run for family in found for run in family.shown]) if len(found) > 1 else []
    seen = looks(runs)
    parts = [
        Part(
            family,
            table(family.comparison),
            tuple(charts(family, min(BUDGET, MOST_POINTS // len(found)))),
            tuple(card(family, seen)),
            tuple(without(shared, shared_by(family.shown))),
        )
        for family in found
    ]
    told = title or f"Report of {counted(len(runs), 'run')}"
    return Report(told, datetime.now(UTC), tuple(parts), tuple(shared), tuple(skipped), with_plots)
