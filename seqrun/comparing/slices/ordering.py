"""The order of a column's cells, where people would see one: that of numbers, and of dates as ISO 8601 writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqrun.comparing.differences import show

_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")  # 007 is a name, not 7
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")


def as_written(cells: Sequence[Any]) -> np.ndarray:
    """Return the cells as text, (cells,) objects; None where nothing stands, or no number (NaN)."""
    return np.array([None if _is_missing(cell) else show(_plain(cell)) for cell in cells], object)


def ranks(cells: Sequence[Any]) -> np.ndarray | None:
    """Return the place of each cell's value in the order of all, (cells,) float64; NaN where nothing stands.

    Equal values have one place, however they are written. None for cells without an order: where one of them is neither
    a number nor a date, or they are of both kinds.
    """
    there = [_plain(cell) for cell in cells if not _is_missing(cell)]
    order = _order([_number(cell) for cell in there]) or _order([_date(cell) for cell in there])
    if order is None:
        return None
    found = iter(order)
    return np.array([np.nan if _is_missing(cell) else next(found) for cell in cells], np.float64)


def _order(values: Sequence[float | None] | Sequence[str | None]) -> list[int] | None:
    """Return the place of each value in the order of all; None if one is missing."""
    there: list[Any] = [value for value in values if value is not None]  # Any: all are numbers, or all are texts
    places = {value: place for place, value in enumerate(sorted({*there}))}
    return [places[value] for value in there] if len(there) == len(values) else None


def _plain(cell: Any) -> Any:
    return cell.item() if isinstance(cell, np.generic) else cell


def _is_missing(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float | np.floating) and math.isnan(cell))


def _number(cell: Any) -> int | float | None:
    """Return the number that a cell is, whole ones in full; None if it is none."""
    if isinstance(cell, str):
        if not _NUMBER.fullmatch(cell.strip()):
            return None
        return int(cell) if cell.strip().lstrip("+-").isdigit() else float(cell)
    return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _date(cell: Any) -> str | None:
    return cell if isinstance(cell, str) and _DATE.fullmatch(cell) else None
