"""The table of a family as the page has it: cells of text, each with what it is sorted by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seqrun.comparing import formats
from seqrun.comparing.comparison import first_with_direction
from seqrun.comparing.settings import NOTHING
from seqrun.comparing.table import Comparison, TableRow, mean
from seqrun.metrics import direction

FIRST = ("run", "status", "test data")  # columns before the metrics, the verdict and the skill
Order = float | str  # what sorts a column


@dataclass(frozen=True)
class Cell:
    """A cell of the table."""

    text: str
    order: Order | None = None  # None: after all others
    best: bool = False  # of its column


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    row: TableRow
    warned: bool
    cells: tuple[Cell, ...]  # of the columns but the first

    @property
    def label(self) -> str:
        """The experiment's name."""
        return self.row.name

    @property
    def directory(self) -> str | None:
        """The name of the run's directory, if the row is one run and its directory is not called as the experiment."""
        return self.row.label if len(self.row.runs) == 1 and self.row.label != self.row.name else None


@dataclass(frozen=True)
class Table:
    """A comparison's table; its first column names the rows."""

    headers: tuple[str, ...]
    numeric: frozenset[str]
    lines: tuple[Line, ...]
    sorted_by: str | None  # the header of the column whose best comes first
    falling: bool  # so that the largest is first
    difference: str  # the header of the column of differences, with their intervals
    usual: str | None  # settings that the column of configs leaves out


def table(comparison: Comparison) -> Table:
    """Return the comparison's table, with the columns and texts that `seqrun compare` prints."""
    grid = formats.grid(comparison)
    columns = dict(zip(grid.headers, zip(*grid.rows, strict=True), strict=True))
    headers = _in_order(grid.headers, comparison)
    cells = [_column(header, columns[header], comparison) for header in headers[1:]]
    lines = [
        Line(row, bool(row.warnings), tuple(column[number] for column in cells))
        for number, row in enumerate(comparison.rows)
    ]
    by = first_with_direction(comparison.metrics, comparison.directions)
    column = by if by in headers else None
    return Table(
        tuple(headers),
        frozenset(grid.numeric),
        tuple(lines),
        column,
        column is not None and direction(column, comparison.directions) == "max",
        formats.DIFFERENCE,
        grid.usual,
    )


def _in_order(headers: list[str], comparison: Comparison) -> list[str]:
    """Return the headers with metrics and skill before the settings: on a narrow screen they are seen at once."""
    first = [header for header in headers if header in FIRST]
    judged = (*comparison.metrics, "verdict", formats.DIFFERENCE, formats.FRESH, "skill")
    figures = [header for header in headers if header in judged]
    return [*first, *figures, *(header for header in headers if header not in (*first, *figures))]


def _column(header: str, texts: tuple[str, ...], comparison: Comparison) -> list[Cell]:
    """Return the cells of a column; numbers are sorted as such, and the best mean of a metric is marked."""
    rows = comparison.rows
    if header in comparison.metrics:
        orders: list[Order | None] = [mean(row.metrics[header]) for row in rows]
    elif header in NUMBERS:
        orders = [NUMBERS[header](row) for row in rows]
    else:
        orders = [_as_order(text) for text in texts]
    best = _best(header, comparison) if header in comparison.metrics else None
    return [Cell(text, order, best is not None and order == best) for text, order in zip(texts, orders, strict=True)]


def _as_order(text: str) -> Order | None:
    """Return what sorts a setting: its number if it is one, else its text; None for a dash."""
    if text == NOTHING:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _best(metric: str, comparison: Comparison) -> float | None:
    """Return the best mean of a metric; None where rows cannot be compared, or it is not known which way is better."""
    means = [found.mean for row in comparison.rows if (found := row.metrics[metric]) is not None]
    if len(means) < 2 or comparison.unequal:
        return None
    try:
        return (max if direction(metric, comparison.directions) == "max" else min)(means)
    except KeyError:  # a user's own metric
        return None


NUMBERS: dict[str, Callable[[TableRow], float | None]] = {
    "skill": lambda row: mean(row.skill),
    formats.DIFFERENCE: lambda row: None if row.verdict is None else row.verdict.difference,
    "parameters": lambda row: row.parameters,
    "epochs": lambda row: mean(row.epochs),
    "training": lambda row: mean(row.seconds),
}
