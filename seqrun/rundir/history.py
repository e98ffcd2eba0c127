"""`history.csv`: a line an epoch, every figure with all its digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from seqrun.rundir.columns import in_order

Row = dict[str, float]  # a line: column -> figure


def to_csv(rows: list[Row]) -> str:
    """Return the rows as CSV, each figure as the shortest text that reads back as the same number; an empty cell is
    none.
    """
    names = in_order(name for row in rows for name in row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([repr(row[name]) if name in row else "" for name in names] for row in rows)
    return out.getvalue()


def from_csv(text: str) -> list[Row]:
    """Return the rows of a history; an empty cell is a key that the row does not have. Raises ValueError for other
    text.
    """
    header, *lines = csv.reader(io.StringIO(text)) if text else [[]]
    rows = []
    for line in lines:
        row = {name: float(cell) for name, cell in zip(header, line, strict=True) if cell}
        rows.append(numbers(row))
    return rows


def numbers(row: Mapping[str, float]) -> Row:
    """Return the row in Python's own numbers: the epoch an int, all else floats (from numpy's or TensorFlow's scalars)."""
    return {name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
