"""Whether the double quotes of a file stand around its cells or are characters like others."""

from __future__ import annotations

import io
from collections.abc import Iterable

from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.records import Record, is_blank, records


def quotes_count(text: str, delimiter: str, layout: Layout) -> tuple[bool, str | None]:
    """Return whether quotes stand around cells (RFC 4180), and what to say about it if that was not to be expected.

    Under `quoting: auto` they do, except in a text with tabs for delimiters where more rows can be read without them
    than with them. A quote that opens in one row and is closed by that of another spoils all rows from the one to the
    other, each of which would be whole without it.
    """
    if layout.quoting != "auto" or delimiter != "\t" or '"' not in text:
        return layout.quoting != "none", None
    with_quotes = records(io.StringIO(text, newline=""), delimiter, layout, quoted=True)
    header = next((record for record in with_quotes if not is_blank(record, 0)), None)
    if header is None or _all_quoted(header):
        return True, None
    width = len(header.lines[0].split(delimiter))
    spoilt = _spoilt([header], width, delimiter) + _spoilt(with_quotes, width, delimiter)
    if not spoilt:
        return True, None
    plain = records(io.StringIO(text, newline=""), delimiter, layout, quoted=False)
    broken = sum(len(record.cells) != width and not is_blank(record, width) for record in plain)
    if broken > len(spoilt):
        return True, None
    line = spoilt[0]
    why = f"read without quoting, because quotes do not balance row by row (first in line {line}; dataset.quoting)"
    return False, why


def _all_quoted(header: Record) -> bool:
    """Return whether all names of columns stand in quotes: then those of other rows do as well."""
    return not header.fault and all(f'"{name}"' in header.lines[0] for name in header.cells)


def _spoilt(found: Iterable[Record], width: int, delimiter: str) -> list[int]:
    """Return the lines of rows that cannot be read, or that hold lines each of which would be a row."""
    spoilt: list[int] = []
    for record in found:
        whole = all(line.count(delimiter) == width - 1 for line in record.lines)
        if record.fault or (len(record.lines) > 1 and whole):
            spoilt += range(record.line, record.line + len(record.lines))
        elif len(record.cells) != width and not is_blank(record, width):
            spoilt.append(record.line)
    return spoilt
