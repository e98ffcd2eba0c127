"""`history.csv`: one line for each epoch, every number with all its digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache

from seqrun.rundir.columns import in_order

Row = dict[str, float]  # a line: column -> figure


def to_csv(rows: list[Row]) -> str:
    """Return the rows as CSV. Numbers are the shortest text that reads back equal; a missing value is an empty cell."""
    names = in_order(name for row in rows for name in row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([repr(row[name]) if name in row else "" for name in names] for row in rows)
    return out.getvalue()


def from_csv(text: str) -> list[Row]:
    """Return the rows of a history; an empty cell is left out of its row.

    Raises ValueError or csv.Error for other text.
    """
    header, *lines = csv.reader(io.StringIO(text)) if text else [[]]
    names = _names(tuple(header))
    rows = []
    for line in lines:
        row = {name: float(cell) for name, cell in zip(names, line, strict=True) if cell}
        if (epoch := row.get("epoch")) is not None and epoch.is_integer():
            row["epoch"] = int(epoch)
        rows.append(row)
    return rows


@lru_cache(maxsize=64)
def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a header, the same ones for equal headers: thousands of histories have few."""
    return header


def numbers(row: Mapping[str, float]) -> Row:
    """Return the row in Python's own numbers (not numpy's or TensorFlow's): the epoch an int, all others floats."""
    return {name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
