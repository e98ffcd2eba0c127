"""How much of a report one page has room for: all of it or, where it would be too large, the first of everything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from seqrun.comparing.report.contents import Part, Report
from seqrun.comparing.report.curves import Panel
from seqrun.comparing.report.tables import Line
from seqrun.readable import counted
from seqrun.tasks.pages import cut

T = TypeVar("T")

MOST_FAMILIES = 40
MOST_CURVES = 800  # of the page
MOST_SKIPPED = 20  # of what is no run
LONGEST = 1_000  # characters of a warning
SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01)


@dataclass(frozen=True)
class Room:
    """What of a report is shown."""

    report: Report
    share: float = 1.0  # of the rows of each table, of curves and of warnings
    families: int = MOST_FAMILIES

    @property
    def parts(self) -> tuple[Part, ...]:
        """The families, that of most runs first."""
        return self.report.parts[: self.families]

    @property
    def skipped(self) -> list[str]:
        left = len(self.report.skipped) - MOST_SKIPPED
        return [*self.report.skipped[:MOST_SKIPPED], *([f"and {left:,} more"] if left > 0 else [])]

    def lines(self, part: Part) -> tuple[Line, ...]:
        """Return the table's rows."""
        return part.table.lines[: self._most(len(part.table.lines))]

    def warned(self, part: Part) -> list[tuple[str, Sequence[object]]]:
        """Return what runs warn of, with the runs that do."""
        return [(cut(text, LONGEST), runs) for text, runs in part.warned[: self._most(len(part.warned))]]

    def drawn(self, part: Part) -> tuple[Line, ...]:
        """Return the rows that have curves: the first, as many as there is room for, or one."""
        looks = [curve.look for chart in part.charts for panel in chart.panels for curve in panel.curves]
        counts = [0] * (max(looks, default=-1) + 1)
        for look in looks:
            counts[look] += 1
        most, sums = self._curves, [sum(counts[: number + 1]) for number in range(len(counts))]
        return self.lines(part)[: max(sum(each <= most for each in sums), 1)]

    def curves(self, part: Part, panel: Panel) -> Iterator[object]:
        """Return the panel's curves of these rows; of a row with very many runs, the first."""
        rows, panels = len(self.drawn(part)), sum(len(chart.panels) for chart in part.charts)
        return (each for each in panel.curves[: max(self._curves // panels, 1)] if each.look < rows)

    @cached_property
    def _curves(self) -> int:
        """How many curves a family may have."""
        return math.ceil(self.share * MOST_CURVES / len(self.parts))

    def _most(self, there: int) -> int:
        return math.ceil(self.share * there)

    @property
    def notes(self) -> list[str]:
        """What is to be said of what is not shown."""
        rows = sum(len(part.table.lines) - len(self.lines(part)) for part in self.parts)
        others = [part.family.title for part in self.report.parts[self.families :]]
        more = "as the page would be too large; seqrun compare has them"
        told = [f"{counted(rows, 'row')} left out of the tables, {more}"] if rows else []
        names = f"{', '.join(others[:MOST_SKIPPED])}{', ...' if len(others) > MOST_SKIPPED else ''}"
        return [*told, *([f"{len(others):,} families left out, {more}: {names}"] if others else [])]


def rooms(report: Report) -> Iterator[Room]:
    """Yield what a page may show, from all of the report on to ever less: first rows, then families become fewer."""
    for share in SHARES:
        yield Room(report, share)
    families = min(len(report.parts), MOST_FAMILIES)
    while families > 1:
        families //= 2
        yield Room(report, SHARES[-1], families)
