"""Options that say how an input file is written, where that is not as in the run."""

from __future__ import annotations

from collections.abc import Callable

import click


def _numbers(context: click.Context, parameter: click.Parameter, given: str | None) -> int | list[int] | None:
    """Return how many lines are skipped (3), or the numbers of those that are ("2," or "1,2")."""
    if given is None:
        return None
    parts = given.split(",")
    try:
        return int(given) if len(parts) == 1 else [int(part) for part in parts if part.strip()]
    except ValueError:
        raise click.BadParameter(f"{given!r} is neither a number of lines (3) nor a list of lines (2,3)") from None


def _listed(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> list[str] | None:
    return list(given) or None


_READING = (
    click.option("--delimiter", metavar="C", help=r"What separates the input's columns: ';', '|' or '\t'."),
    click.option("--encoding", metavar="NAME", help="The input's character encoding: utf-8, cp1252, utf-16 ..."),
    click.option("--quoting", metavar="auto|standard|none", help="Whether cells stand in double quotes."),
    click.option("--decimal", metavar="C", help="What separates a number's fraction: . or ,"),
    click.option("--thousands", metavar="C", help="What groups a number's digits by three."),
    click.option("--skip-rows", metavar="N|N,N", callback=_numbers, help="So many lines at the top, or these ('2,')."),
    click.option("--comment", metavar="C", help="Leave out lines that begin with this character."),
    click.option(
        "--missing-values", metavar="TEXT", multiple=True, callback=_listed, help="An empty cell. Repeatable."
    ),
    click.option("--time-format", metavar="F", help="How times are written, such as '%d.%m.%Y %H:%M'."),
    click.option("--time-zone", metavar="ZONE", help="Whose days and hours count in a series: Europe/Berlin, +02:00."),
    click.option("--missing", metavar="HOW", help="Empty cells of a series: error, interpolate, ffill or drop."),
    click.option("--gaps", metavar="HOW", help="Missing times of a series: break, keep or fill."),
    click.option("--duplicates", metavar="HOW", help="Rows of one time in a series: error, first, last or mean."),
    click.option(
        "--bad-rows", metavar="error|skip", help="Rows that cannot be used: stop, or leave them out and say so."
    ),
)


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how an input file is read, where that is not as in the run."""
    for option in reversed(_READING):
        command = option(command)
    return command
