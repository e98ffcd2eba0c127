"""Tables in GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_MARKS = re.compile(r"[\\|*`<\[~$&]|(?<![^\W_])_|_(?![^\W_])")  # an underscore within a word is none
_LINKS = re.compile(r"@|#(?=\d)|:(?!\d\d:)(?=[\w+-]+:)")  # mentions, issues, :emoji:, which no backslash stops


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str] = ()) -> str:
    """Return the table; columns named in `numeric` are aligned to the right, and no cell is read as markup."""
    ruler = ["--:" if header in numeric else "---" for header in headers]
    head, *body = (f"| {' | '.join(map(escaped, line))} |" for line in (headers, *rows))
    return "\n".join([head, f"| {' | '.join(ruler)} |", *body])


def escaped(text: str) -> str:
    """Return text on one line that Markdown shows as it is; nobody is told of a name in it."""
    return _LINKS.sub(r"\g<0><!-- -->", _MARKS.sub(r"\\\g<0>", " ".join(text.split())))
