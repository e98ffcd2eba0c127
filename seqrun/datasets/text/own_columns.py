"""The columns of a table of new texts, as they stand beside what is predicted of the texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqrun.datasets.shared.written import undecodable
from seqrun.readable import counted, listed_names

Columns = dict[str, list[Any]]


def own_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[Columns, list[str]]:
    """Return the columns of rows, a cell that a row lacks being None, and what is to be said of them.

    Undecodable bytes, which only columns can hold that are not read, become U+FFFD.
    """
    names = dict.fromkeys(key for row in rows for key in row)
    columns: Columns = {name: [row.get(name) for row in rows] for name in names}
    found: dict[str, int] = {}
    for name, cells in columns.items():
        wrong = [number for number, cell in enumerate(cells) if isinstance(cell, str) and undecodable(cell)]
        for number in wrong:
            cells[number] = cells[number].encode(errors="surrogateescape").decode(errors="replace")
        if wrong:
            found[name] = len(wrong)
    if not found:
        return columns, []
    count = counted(sum(found.values()), "cell")
    return columns, [
        f"{count} with undecodable bytes in columns that are not read ({listed_names([*found])}) are written with "
        "\N{REPLACEMENT CHARACTER} for such bytes; encoding names the file's encoding"
    ]
