"""Tables as HTML for notebooks: in the notebook's own colours, light or dark, with every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from seqrun.readable import printable

LINE = "1px solid color-mix(in srgb, currentColor 25%, transparent)"
_CELL = "padding:.2em .7em;border:none;vertical-align:top;"


@dataclass(frozen=True)
class Cell:
    """A cell's text; numbers stand to the right."""

    text: str
    numeric: bool = False
    strong: bool = False


def table_html(headers: Sequence[str], rows: Sequence[Sequence[Cell]], notes: Sequence[str] = ()) -> str:
    """Return a table, its notes below it."""
    numeric = [any(row[number].numeric for row in rows) for number in range(len(headers))]
    head = "".join(_cell("th", name, right) for name, right in zip(headers, numeric, strict=True))
    body = "".join(
        f"<tr>{''.join(_cell('td', cell.text, cell.numeric, cell.strong) for cell in row)}</tr>" for row in rows
    )
    below = "".join(f'<div style="opacity:.75;margin-top:.3em">{text(note)}</div>' for note in notes)
    style = "border-collapse:collapse;color:inherit;font-size:inherit;margin:0"
    return (
        f'<div style="overflow-x:auto;color:inherit"><table style="{style}">'
        f'<thead style="border-bottom:{LINE}"><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>'
    )


def _cell(tag: str, content: str, right: bool, strong: bool = False) -> str:
    lie = "text-align:right;white-space:nowrap" if right else "text-align:left;white-space:normal"
    style = f"{_CELL}{lie}{';font-weight:bold' if strong else ''}"
    return f'<{tag} style="{style}">{text(content)}</{tag}>'


def text(content: object) -> str:
    """Return a text as HTML shows it."""
    return escape(printable(str(content)))
