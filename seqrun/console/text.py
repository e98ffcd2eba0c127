"""A user's text as rich shows it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from seqrun.readable import printable

SEPARATOR = " · "


def literal(content: object, style: str = "") -> Text:
    """Return the content as it is: no markup, nothing that a terminal would obey."""
    return Text(printable(str(content)), style)


def packed(facts: Iterable[str], width: int) -> str:
    """Return the facts on one line, or on several broken between facts if they are wider than `width`."""
    lines: list[str] = []
    for fact in facts:
        if lines and len(lines[-1]) + len(SEPARATOR) + len(fact) <= width:
            lines[-1] += SEPARATOR + fact
        else:
            lines.append(fact)
    return "\n".join(lines)
