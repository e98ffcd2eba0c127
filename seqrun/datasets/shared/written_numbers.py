"""Numbers as people write them: with a decimal comma, or with their digits in groups."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from seqrun.datasets.shared.layout import Layout

if TYPE_CHECKING:
    from pandas import Series

NO_NUMBER = "?"
# Of flags, as pandas reads columns of nothing else.
FLAGS = {written: float(written.lower() == "true") for written in ("True", "TRUE", "true", "False", "FALSE", "false")}
_NARROW = "[\u00a0\u202f\u2009]"  # blanks that keep a number on one line; `thousands: " "` means them too


def plain_number(cell: str, layout: Layout) -> str:
    """Return a number without groups and with a point before its fraction; NO_NUMBER if it is not written so.

    What needs no change stays as it is, be it a number or not. With a decimal comma a point is none: 1.234 may mean
    1,234. Groups have three digits each.
    """
    if layout.thousands == " ":
        cell = re.sub(_NARROW, " ", cell)
    cell = cell.strip()
    if layout.thousands is not None and layout.thousands in cell:
        if not re.fullmatch(_grouped(layout.thousands, layout.decimal), cell):
            return NO_NUMBER
        cell = cell.replace(layout.thousands, "")
    if layout.decimal == ".":
        return cell
    return NO_NUMBER if "." in cell else cell.replace(layout.decimal, ".")


def plain_numbers(column: Series, layout: Layout) -> Series:
    """Return the same for a column of text."""
    if layout.thousands == " ":
        column = column.str.replace(_NARROW, " ", regex=True).str.strip()
    if layout.thousands is not None:
        grouped = column.str.fullmatch(_grouped(layout.thousands, layout.decimal), na=False)
        plain = ~column.str.contains(layout.thousands, regex=False, na=False)
        column = column.where(grouped | plain, NO_NUMBER).str.replace(layout.thousands, "", regex=False)
    if layout.decimal == ".":
        return column
    return column.str.replace(".", NO_NUMBER, regex=False).str.replace(layout.decimal, ".", regex=False)


def flag_numbers(column: Series) -> Series | None:
    """Return a column of True and False, however written, as 1 and 0, NaN where empty; None if it holds others."""
    cells = column.dropna()
    if cells.empty or not cells.iloc[:1].isin([*FLAGS]).all() or not cells.isin([*FLAGS]).all():
        return None
    return column.map(FLAGS).astype("float64")


@cache
def _grouped(thousands: str, decimal: str) -> str:
    return rf"\s*[+-]?\d{{1,3}}(?:[{thousands}]\d{{3}})+(?:[{decimal}]\d*)?(?:[eE][+-]?\d+)?\s*"
