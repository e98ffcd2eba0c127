"""Errors and warnings, on stderr; each problem of a config with the line on which it stands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from seqrun.console.text import literal
from seqrun.errors import ConfigError, Mark, Problem, SeqrunError
from seqrun.machine.withheld import masked
from seqrun.readable import shortened

EXCERPT = 120  # characters shown of the offending line
MOST = 100  # problems shown
LONGEST = 2000  # characters shown of a message
LONGEST_PLACE = 300  # and of a place, which may be a long --set


def show_error(error: SeqrunError) -> None:
    """Print what went wrong; of a ConfigError, each problem at its place."""
    if isinstance(error, ConfigError):
        show_problems(error.problems)
    else:
        _errors().print(Text.assemble(("error: ", "bold red"), literal(masked(str(error)))))


def show_warning(text: str) -> None:
    """Print a warning."""
    _errors().print(Text.assemble(("warning: ", "bold yellow"), literal(masked(text))))


def show_problems(problems: Sequence[Problem]) -> None:
    """Print each problem as `file:line:column: key: message`, with the offending line below it."""
    console = _errors()
    for problem in problems[:MOST]:
        key = shortened(".".join(map(str, problem.path)), LONGEST_PLACE)
        start = literal(f"{_position(problem.mark)}: ", "bold") if problem.mark else Text("error: ", "bold red")
        console.print(
            Text.assemble(
                start, literal(f"{key}: " if key else "", "cyan"), literal(shortened(masked(problem.message), LONGEST))
            )
        )
        if problem.mark and problem.mark.line is not None and problem.mark.text is not None:
            console.print(_excerpt(problem.mark.line, problem.mark.column, problem.mark.text))
    if len(problems) > MOST:
        console.print(Text(f"and {len(problems) - MOST:,} more: {len(problems):,} problems", "bold red"))
    elif len(problems) > 1:
        console.print(Text(f"{len(problems)} problems", "bold red"))


def _position(mark: Mark) -> str:
    source = shortened(mark.source, LONGEST_PLACE)
    return ":".join(str(part) for part in (source, mark.line, mark.column) if part is not None)


def _excerpt(line: int, column: int | None, text: str) -> Text:
    """Return the offending line with a caret below the column; a long line is cut to the part around the column."""
    before = (column or 1) - 1
    start = max(0, before - EXCERPT // 2)
    number = f"{line:>5} | "
    shown = literal(text.rstrip("\n").replace("\t", " ")[start : start + EXCERPT])
    caret = f"\n{' ' * (len(number) + before - start)}^" if column is not None else ""
    return Text.assemble((number, "dim"), shown, (caret, "red"))


def _errors() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)
