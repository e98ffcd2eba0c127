"""Tables as list, compare, show and others print them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from seqrun.console.text import literal


def print_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    numeric: Collection[str] = (),
) -> None:
    """Print a table to stdout; columns named in `numeric` are aligned to the right.

    On a terminal, cells that are too wide are folded; elsewhere the table has its natural width.
    """
    table = _table(headers, rows, numeric)
    table.title = None if title is None else literal(title, "bold")
    if sys.stdout.isatty():
        Console(file=sys.stdout).print(table)
    else:
        _print_at_natural_width(table)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", title_justify="left")
    for header in headers:
        table.add_column(literal(header), justify="right" if header in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(literal, row))
    return table


def _print_at_natural_width(table: Table) -> None:
    console = Console(file=sys.stdout, width=1_000_000, color_system=None)
    console.width = max(console.measure(table).maximum, 1)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        sys.stdout.write(f"{line.rstrip()}\n")
