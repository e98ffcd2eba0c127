"""Tables as list, compare, show and others print them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import zip_longest

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from seqrun.console.text import literal
from seqrun.readable import printable

RULE, GAP = "─", "   "  # as rich's table has them


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
    if sys.stdout.isatty():
        table = _table(headers, rows, numeric)
        table.title = None if title is None else literal(title, "bold")
        Console(file=sys.stdout).print(table)
        return
    if title is not None:
        sys.stdout.write(f"{printable(title)}\n")
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in _at_natural_width(headers, rows, numeric))


def print_fitting(headers: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Collection[str] = ()) -> None:
    """Print a table as `print_table` does or, on a terminal that is too narrow for it, each row as a table of its own.

    Figures that are folded could not be read.
    """
    if sys.stdout.isatty() and _natural_width(headers, rows) > shutil.get_terminal_size().columns:
        print_row_by_row(headers, rows)
    else:
        print_table(headers, rows, numeric=numeric)


def print_row_by_row(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print each row as a table of two columns, its headers and its cells, under what stands first in it."""
    for number, row in enumerate(rows):
        if number:
            sys.stdout.write("\n")
        first, *rest = zip(headers, row, strict=True)
        print_table(first, rest)


def _natural_width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    head = next(_at_natural_width(headers, rows, headers))  # all to the right: the first line is as wide as the table
    return cell_len(head)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", title_justify="left")
    for header in headers:
        table.add_column(literal(header), justify="right" if header in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(literal, row))
    return table


def _at_natural_width(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str]) -> Iterator[str]:
    """Yield the lines of a table that is as wide as it needs.

    For thousands of rows this takes a tenth of rich's time, which renders each cell by itself.
    """
    head, *body = ([_lines(cell) for cell in row] for row in (headers, *rows))
    widths = [max(cell_len(line) for cell in column for line in cell) for column in zip(head, *body, strict=True)]
    right = [header in numeric for header in headers]
    yield from _row(head, widths, right)
    yield RULE * (sum(widths) + len(GAP) * (len(widths) - 1))
    for row in body:
        yield from _row(row, widths, right)


def _lines(cell: str) -> list[str]:
    return printable(cell).expandtabs().splitlines() or [""]


def _row(row: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    """Yield the lines of a row whose cells are lists of lines."""
    for line in zip_longest(*row, fillvalue=""):
        blanks = [" " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)]
        yield GAP.join(
            blank + text if to_right else text + blank
            for text, blank, to_right in zip(line, blanks, right, strict=True)
        )
