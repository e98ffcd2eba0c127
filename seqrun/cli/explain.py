"""`seqrun explain`: which of the settings that differ between two runs matter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from seqrun.cli import completing
from seqrun.cli.options import print_json
from seqrun.cli.train import lost
from seqrun.cli.trials import STOPPED, Training, describe_trials, train_trials, trials_options
from seqrun.machine.streams import Unfailing, guarded
from seqrun.readable import printable
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.comparing.explaining.effects import Explanation


@click.command(
    epilog="""\b
Examples:
  seqrun explain imdb_lstm imdb_gru --dry-run
  seqrun explain @2 @latest --repeats 5 --metric accuracy"""
)
@click.argument("one", metavar="A", shell_complete=completing.runs)
@click.argument("other", metavar="B", shell_complete=completing.runs)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    help="Seeds, from A's on. Default: those that both configs have finished runs of.",
)
@trials_options
def command(
    one: str,
    other: str,
    repeats: int | None,
    metric: str | None,
    training: Training,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say which of the settings that differ between two finished runs make the difference of their metric.

    Each setting is changed alone (A with that one of B) and last (B, against B with that one of A), on the same seeds;
    a section with another name is one setting. What the single effects leave of the whole is how they work together.
    Every trial is a run like others; runs that are there already, in --runs-dir or beside A and B, are not trained
    again, and after an interruption the same command goes on. Exit codes: as those of train.
    """
    from seqrun.api.explain import explained, planned, told_before

    first, second = read_run(one), read_run(other)
    plan = planned(first, second, repeats, metric, training.runs_dir)
    for note in told_before(plan, first, second):
        click.echo(printable(f"note: {note}"), err=True)
    if dry_run:
        told = [{"config": each.experiment.name} for each in plan.every]
        describe_trials(told, plan.every, as_json)
        return
    with guarded("stdout", Unfailing) as out:
        code = train_trials(plan.every, training)
        if code < STOPPED:
            _tell(explained(plan, training.runs_dir, first, second), as_json)
    sys.exit(code or lost(out))


def _tell(found: Explanation, as_json: bool) -> None:
    """Print the effects."""
    from seqrun.comparing.explaining.page import remarks, sections
    from seqrun.console import print_fitting

    if as_json:
        print_json(found.record())
    else:
        for section in sections(found):
            print_fitting(section.headers, section.rows, numeric=section.numeric)
    for remark in remarks(found):
        click.echo(printable(f"note: {remark}"), err=True)
