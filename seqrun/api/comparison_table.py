"""A comparison as a DataFrame that a notebook shows as people read it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd  # noqa: TID253 (the class is one of pandas'; this file is imported when there is a comparison)

from seqrun.console.html import Cell, table_html
from seqrun.readable import duration, figure

SD = "_sd"  # of a column's standard deviations
HIDDEN = ("runs", "n", "status", "so_far", "test_data")  # unless rows differ in them
NOTHING = "—"


class ComparisonTable(pd.DataFrame):
    """A DataFrame; what is taken from it is one of pandas'."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        """Return the table with rounded figures, each with its standard deviation."""
        shown = [name for name in map(str, self.columns) if not self._is_hidden(name)]
        rows = [[self._cell(row, name) for name in shown] for row in self.to_dict("records")]
        return table_html(shown, rows, [str(note) for note in self.attrs.get("notes", ())])

    def _is_hidden(self, name: str) -> bool:
        if name in HIDDEN:
            return name == "runs" or self[name].astype(str).nunique() <= 1
        return name.endswith(SD) and name.removesuffix(SD) in self.columns

    def _cell(self, row: dict[Any, Any], name: str) -> Cell:
        value, sd = row[name], row.get(f"{name}{SD}")
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return Cell(NOTHING)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return Cell(str(value))
        text = duration(value) if name == "seconds" else f"{value:,}" if isinstance(value, int) else figure(value)
        spread = "" if sd is None or math.isnan(sd) or name == "seconds" else f" ± {figure(sd)}"
        return Cell(f"{text}{spread}", numeric=True)
