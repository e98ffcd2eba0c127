"""Numbers, lists and foreign text as text for people.

Numbers have a short, steady width, so that they line up in columns. Lists are cut after ten items.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

# What a terminal obeys or what reorders the text around it: controls but tab and line feed, surrogates (bytes that are
# no UTF-8), line separators, directional embeddings, overrides and isolates.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SHOWN = 10  # items of a list in a message; the rest is only counted


def figure(value: float) -> str:
    """Return a loss or metric in at most 8 characters: 0.6931, 123.457, 12345.7, 1.0e-09, nan."""
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return f"{value:.4f}"
    if size < 9.5e-4 or size >= 999_999.5:
        return f"{value:.1e}"
    return f"{value:.4f}" if size < 99.99995 else f"{value:#.6g}".rstrip(".")


def rate(value: float) -> str:
    """Return a learning rate as text: 0.001, 2.5e-05."""
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time span as text: below a minute with tenths, else in whole seconds: 3.2 s, 1:05, 2:03:04."""
    return f"{seconds:.1f} s" if not seconds >= 59.95 else clock(seconds)


def clock(seconds: float) -> str:
    """Return a time span in whole seconds as text: 0:03, 1:05, 2:03:04."""
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
    """Return the count with its noun: "1 row" or "2 rows"."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(lines: Iterable[str], of_the_rest: Callable[[list[str]], str] | None = None) -> str:
    """Return the first lines of a list, indented, and how many more there are; `of_the_rest` describes those."""
    lines = list(lines)
    first, rest = lines[:SHOWN], lines[SHOWN:]
    shown = "".join(f"\n  {line}" for line in first)
    if not rest:
        return shown
    which = f": {of_the_rest(rest)}" if of_the_rest is not None else ""
    return f"{shown}\n  and {len(rest):,} more{which}"


def listed_names(names: Sequence[str], most: int = SHOWN) -> str:
    """Return the first names on one line, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def printable(text: str) -> str:
    """Return the text with every character that a terminal would obey written as \\u001b.

    JSON stays the same JSON, for such characters stand in its strings alone, where it writes them so.
    """
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shortened(text: str, most: int) -> str:
    """Return the text; of one that is longer than `most` characters only the beginning, and how long it is."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"
