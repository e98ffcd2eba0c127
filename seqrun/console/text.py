"""A user's text as rich shows it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

SEPARATOR = " · "

# Characters that would move the cursor or ring the bell if a user's text held them.
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")


def literal(content: object, style: str = "") -> Text:
    """Return the content as it is: no markup, no control characters."""
    return Text(str(content).translate(_CONTROLS), style)


def packed(facts: Iterable[str], width: int) -> str:
    """Return the facts on one line, or on several broken between facts if they are wider than `width`."""
    lines: list[str] = []
    for fact in facts:
        if lines and len(lines[-1]) + len(SEPARATOR) + len(fact) <= width:
            lines[-1] += SEPARATOR + fact
        else:
            lines.append(fact)
    return "\n".join(lines)
