"""Numbers and lists as people read them.

Numbers are short and of steady width, so that lines below each other line up; lists are cut after ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

SHOWN = 10  # of a message's list; the rest is counted


def figure(value: float) -> str:
    """Return a loss or metric in at most 8 characters: 0.6931, 123.457, 12345.7, 1.0e-09, nan."""
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return f"{value:.4f}"
    if size < 9.5e-4 or size >= 999_999.5:
        return f"{value:.1e}"
    return f"{value:.4f}" if size < 99.99995 else f"{value:#.6g}".rstrip(".")


def rate(value: float) -> str:
    """Return a learning rate: 0.001, 2.5e-05."""
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time span to the precision that matters: 3.2 s, 1:05, 2:03:04."""
    return f"{seconds:.1f} s" if not seconds >= 59.95 else clock(seconds)


def clock(seconds: float) -> str:
    """Return a time span in whole seconds: 0:03, 1:05, 2:03:04."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Return a number of bytes in decimal units, as servers and disks count them: 17.5 MB."""
    if count < 1000:
        return f"{count} bytes"
    value, units = count / 1000, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 999.95 and unit != "TB":
        value, unit = value / 1000, next(units)
    return f"{value:.1f} {unit}"


def counted(count: int, noun: str) -> str:
    """ "1 row" or "2 rows"."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(lines: Iterable[str], of_the_rest: Callable[[list[str]], str] | None = None) -> str:
    """Return the first lines of a message's list, indented, and how many more there are; `of_the_rest` says which."""
    lines = list(lines)
    first, rest = lines[:SHOWN], lines[SHOWN:]
    shown = "".join(f"\n  {line}" for line in first)
    if not rest:
        return shown
    which = f": {of_the_rest(rest)}" if of_the_rest is not None else ""
    return f"{shown}\n  and {len(rest):,} more{which}"


def listed_names(names: Sequence[str], most: int = SHOWN) -> str:
    """Return the first names in a line, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
