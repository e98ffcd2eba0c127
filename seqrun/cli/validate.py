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
  seqrun validate my.yaml --set trainer.epochs=5"""
)
@click.argument("configs", nargs=-1, required=True, metavar="CONFIG...")
@set_option
def command(configs: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Report all problems of every CONFIG, and run nothing.

    Exit code 2: there are problems.
    """
    from seqrun.config.experiment import load_experiment
    from seqrun.errors import ConfigError

    problems: list[Problem] = []
    for config in configs:
        try:
            load_experiment(config, overrides)
        except ConfigError as error:
            problems.extend(error.problems)
        else:
            click.echo(f"{config}: valid")
    if problems:
        raise ConfigError(problems)
