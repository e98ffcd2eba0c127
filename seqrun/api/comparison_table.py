"""A comparison as a DataFrame that a notebook shows as the command line prints it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd  # noqa: TID253 (the class is one of pandas'; this file is imported when there is a comparison)

from seqrun.comparing.formats import SPREAD, Grid, flat, grids
from seqrun.comparing.table import Comparison
from seqrun.console.html import Cell, table_html, text

SD = "_sd"  # of a column's standard deviations
NOTES = "notes"  # of the table's attrs: what a reader should know


class ComparisonTable(pd.DataFrame):
    """A DataFrame with the cells that people read beside it; what is taken from it is one of pandas'."""

    _metadata = ["shown"]
    shown: str | None = None  # as HTML

    @classmethod
    def of(cls, comparison: Comparison) -> ComparisonTable:
        """Return a row for each of the comparison, figures as floats, NaN where there is none."""
        table = pd.DataFrame([flat(row, comparison) for row in comparison.rows])
        figures = (*comparison.metrics, "skill", "epochs", "seconds")
        numbers = [name for column in figures for name in (column, f"{column}{SD}")]
        numbers += [f"{metric}{ending}" for metric in comparison.metrics for ending in SPREAD]
        found = cls(table.astype(dict.fromkeys(numbers, float)))
        found.attrs[NOTES] = [*comparison.notes]
        found.shown = _html(comparison)
        found.attrs["columns"] = [*found.columns]
        return found

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        """Return the table as `seqrun compare` prints it; once columns were added, as pandas shows it."""
        changed = [*self.columns] != self.attrs.get("columns")
        if changed or self.shown is None:
            return str(pd.DataFrame(self)._repr_html_())  # type: ignore[operator]
        return self.shown


def _html(comparison: Comparison) -> str:
    """Return the comparison as HTML, a table for each family of its rows, the notes below."""
    found = grids(comparison)
    below = [*comparison.notes]
    tables = []
    for number, (name, cells) in enumerate(found.items(), start=1):
        notes = [*([cells.usual] if cells.usual else []), *(below if number == len(found) else [])]
        title = f'<div style="margin-top:.6em"><b>{text(name)}</b></div>' if len(found) > 1 else ""
        tables.append(title + _table(cells, notes))
    return "".join(tables)


def _table(cells: Grid, notes: Sequence[str]) -> str:
    numeric = [header in cells.numeric for header in cells.headers]
    rows = [[Cell(content, number) for content, number in zip(row, numeric, strict=True)] for row in cells.rows]
    return table_html(cells.headers, rows, notes)
