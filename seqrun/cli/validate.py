"""`seqrun validate`: all problems of configs at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json, set_option

if TYPE_CHECKING:
    from seqrun.errors import Problem


@click.command(
    epilog="""\b
Examples:
  seqrun validate configs/*.yaml
  seqrun validate my.yaml --set trainer.epochs=5
  seqrun validate my.yaml --no-data"""
)
@click.argument("configs", nargs=-1, required=True, metavar="CONFIG...", shell_complete=completing.configs)
@set_option
@click.option("--no-data", is_flag=True, help="Do not look at the data, as where they are on another machine.")
@json_option
def command(configs: tuple[str, ...], overrides: tuple[str, ...], no_data: bool, as_json: bool) -> None:
    """Report all problems of every CONFIG, and run nothing.

    The beginning of the data file that a config names is looked at too: whether it is there, has the columns, and is
    written as the config says. Exit code 2: there are problems.
    """
    from seqrun.api.training import problems_of
    from seqrun.errors import ConfigError
    from seqrun.readable import printable

    problems: dict[int, Sequence[Problem]] = {}
    for number, config in enumerate(configs):
        problems[number] = problems_of(config, overrides, data=not no_data)
        if not (problems[number] or as_json):
            click.echo(printable(f"{config}: valid"))
    if as_json:
        told = [[*map(_as_json, each)] for each in problems.values()]
        print_json([{"config": config, "problems": each} for config, each in zip(configs, told, strict=True)])
    if found := [problem for each in problems.values() for problem in each]:
        raise ConfigError(found)


def _as_json(problem: Problem) -> dict[str, Any]:
    mark = problem.mark
    place = {"source": mark.source, "line": mark.line, "column": mark.column} if mark else {}
    return {"key": ".".join(map(str, problem.path)), "message": problem.message, **place}
