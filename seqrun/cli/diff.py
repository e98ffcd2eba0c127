"""`seqrun diff`: in what two runs differ."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, json_option, no_cache_option, print_json
from seqrun.readable import printable
from seqrun.rundir.reading import read_what_can_be

MOST = 5  # predictions, by default


@click.command(
    epilog="""\b
Examples:
  seqrun diff imdb_lstm imdb_gru
  seqrun diff @2 @latest --predictions 20 --json"""
)
@click.argument("one", metavar="A", shell_complete=completing.runs)
@click.argument("other", metavar="B", shell_complete=completing.runs)
@click.option(
    "--predictions",
    "most",
    type=click.IntRange(0),
    default=MOST,
    show_default=True,
    help="How many of the predictions that changed most are shown.",
)
@click.option(
    "--samples/--no-samples",
    default=True,
    show_default=True,
    help="Read the data, by their hash, for the texts or windows of these predictions.",
)
@data_dir_option
@no_cache_option
@json_option
def command(
    one: str, other: str, most: int, samples: bool, data_dir: Path | None, no_cache: bool, as_json: bool
) -> None:
    """Say in what two runs differ: config, data (files, rows, which test samples), code, environment, the first epoch
    and the first array, metrics, and the predictions that changed most with what they are of.

    A change is the mean distance between the numbers that are predicted of a test sample. No plugin is run.
    Where a file of a run is damaged, the rest is compared, and a note says so.
    """
    from seqrun.comparing.diffing.diff import Reading, diff

    found = diff(read_what_can_be(one), read_what_can_be(other), Reading(most, samples, data_dir, not no_cache))
    if as_json:
        print_json(found.record())
    else:
        from seqrun.comparing.details import EXCERPT, LINE_EXCERPT
        from seqrun.comparing.diffing.page import sections
        from seqrun.console import print_table

        for number, section in enumerate(sections(found, EXCERPT if sys.stdout.isatty() else LINE_EXCERPT)):
            if number:
                click.echo()
            print_table(section.headers, section.rows, numeric=section.numeric)
    for note in found.notes:
        click.echo(printable(f"note: {note}"), err=True)
