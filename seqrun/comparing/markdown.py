"""Tables in GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str] = ()) -> str:
    """Return the table; columns named in `numeric` are aligned to the right, and no cell is read as markup."""
    ruler = ["--:" if header in numeric else "---" for header in headers]
    head, *body = (f"| {' | '.join(map(escaped, line))} |" for line in (headers, *rows))
    return "\n".join([head, f"| {' | '.join(ruler)} |", *body])


def escaped(text: str) -> str:
    """Return text on one line that Markdown shows as it is."""
    for special in "\\|*`<[":
        text = text.replace(special, f"\\{special}")
    return " ".join(text.split())
