"""Options that say how an input file is written and read, where that is not as in the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from seqrun.inference.reading.told import reworded


def _lines(context: click.Context, parameter: click.Parameter, given: str | None) -> int | list[int] | None:
    """Return how many lines are skipped (3), or the numbers of those that are ("2," or "1,2")."""
    if given is None:
        return None
    parts = given.split(",")
    try:
        return int(given) if len(parts) == 1 else [int(part) for part in parts if part.strip()]
    except ValueError:
        raise click.BadParameter(f"{given!r} is neither a number of lines (3) nor a list of lines (2,3)") from None


def _several(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> list[str] | None:
    return list(given) or None


OPTIONS: dict[str, dict[str, Any]] = {  # named like the settings of datasets
    "delimiter": {"metavar": "C", "help": r"What separates the input's columns: ';', '|' or '\t'."},
    "encoding": {"metavar": "NAME", "help": "The input's character encoding: utf-8, cp1252, utf-16 ..."},
    "quoting": {"metavar": "auto|standard|none", "help": "Whether cells stand in double quotes."},
    "decimal": {"metavar": "C", "help": "What separates a number's fraction: . or ,"},
    "thousands": {"metavar": "C", "help": "What groups a number's digits by three."},
    "skip_rows": {"metavar": "N|N,N", "callback": _lines, "help": "So many lines at the top, or these ('2,')."},
    "comment": {"metavar": "C", "help": "Leave out lines that begin with this character."},
    "missing_values": {
        "metavar": "TEXT",
        "multiple": True,
        "callback": _several,
        "help": "What stands for an empty cell. Repeatable.",
    },
    "time_format": {"metavar": "F", "help": "How times are written, such as '%d.%m.%Y %H:%M'."},
    "time_zone": {"metavar": "ZONE", "help": "Whose days and hours count in a series: Europe/Berlin, +02:00."},
    "missing": {"metavar": "HOW", "help": "Empty cells of a series: error, interpolate, ffill or drop."},
    "gaps": {"metavar": "HOW", "help": "Missing times of a series: break, keep or fill."},
    "duplicates": {"metavar": "HOW", "help": "Rows of one time in a series: error, first, last or mean."},
    "bad_rows": {"metavar": "error|skip", "help": "Rows that cannot be used: stop, or leave them out and say so."},
}


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for name, settings in reversed(OPTIONS.items()):
        command = click.option(f"--{name.replace('_', '-')}", **settings)(command)
    return command


def in_options(message: str) -> str:
    """Return a message in which the settings that would help, as dataset.decimal: x, are options: --decimal x."""
    return reworded(message, OPTIONS, _as_option)


def _as_option(name: str, value: str) -> str:
    option = f"--{name.replace('_', '-')}"
    if not value.startswith("["):
        return f"{option} {value}"
    values = [part.strip() for part in value.strip("[]").split(",")]
    if option == "--skip-rows":
        return f"{option} {','.join(values)}{',' if len(values) == 1 else ''}"
    return " ".join(f"{option} {each}" for each in values)
