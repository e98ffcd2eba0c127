"""`seqrun validate`: all problems of configs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqrun.cli.options import set_option

if TYPE_CHECKING:
    from seqrun.errors import Problem


@click.command(
    epilog="""\b
Examples:
  seqrun validate configs/*.yaml
  seqrun validate my.yaml --set trainer.epochs=5
  seqrun validate my.yaml --no-data"""
)
@click.argument("configs", nargs=-1, required=True, metavar="CONFIG...")
@set_option
@click.option("--no-data", is_flag=True, help="Do not look at the data, as where they are on another machine.")
def command(configs: tuple[str, ...], overrides: tuple[str, ...], no_data: bool) -> None:
    """Report all problems of every CONFIG, and run nothing.

    The beginning of the data file that a config names is looked at too: whether it is there, has the columns, and is
    written as the config says. Exit code 2: there are problems.
    """
    from seqrun.config.experiment import load_experiment
    from seqrun.errors import ConfigError
    from seqrun.readable import printable

    problems: list[Problem] = []
    for config in configs:
        try:
            load_experiment(config, overrides, data="not asked" if no_data else "needed")
        except ConfigError as error:
            problems.extend(error.problems)
        else:
            click.echo(printable(f"{config}: valid"))
    if problems:
        raise ConfigError(problems)
