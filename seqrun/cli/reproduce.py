"""`seqrun reproduce`: trains a run again and says what came out the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import (
    data_dir_option,
    json_option,
    no_cache_option,
    print_json,
    progress_option,
    runs_dir_option,
)
from seqrun.cli.train import lost, report, signals
from seqrun.machine.streams import Unfailing, guarded
from seqrun.readable import printable
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.comparing.reproduction import Reproduction
    from seqrun.console import ProgressKind


@click.command(
    epilog="""\b
Examples:
  seqrun reproduce runs/20261122-041530_imdb_lstm
  seqrun reproduce @latest --runs-dir /tmp/again --json"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@runs_dir_option
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
@data_dir_option
@no_cache_option
@progress_option
@json_option
def command(
    run: str,
    runs_dir: Path,
    allow_plugins: bool,
    data_dir: Path | None,
    no_cache: bool,
    progress: ProgressKind,
    as_json: bool,
) -> None:
    """Train a finished run again, from its directory alone: its config, its data by their hash, its seed, as many
    threads, the same kind of device.

    Says whether the new run is identical, within noise (its metrics lie where those of one more repeat are to be
    expected) or differs, and then where first: epoch, array, figure. What else is not as it was, such as code and
    packages, is told. The new run is one like others; beside the first it counts in no mean.

    Exit codes: 0 identical or within noise, 1 differs, 2 usage, 4 the data cannot be had; else as those of train.
    """
    from seqrun.api.reproducing import concluded, made_again, reproducible

    found = read_run(run)
    experiment = reproducible(found, allow_plugins=allow_plugins)
    how: dict[str, Any] = {"runs_dir": runs_dir, "data_dir": data_dir, "cache": not no_cache, "progress": progress}
    with guarded("stdout", Unfailing) as out:
        ended = made_again(found, experiment, signals(), sys.argv, **how)
        if ended.path is None or ended.exit_code:
            report(ended, told=not as_json)
            sys.exit(ended.exit_code or lost(out))
        code = _conclude(concluded(found.path, Path(ended.path)), as_json=as_json)
    sys.exit(code or lost(out))


def _conclude(found: Reproduction, *, as_json: bool) -> int:
    """Print what came out, and return the exit code."""
    if as_json:
        print_json(found.record())
    else:
        _print(found)
    if note := found.note():
        click.echo(printable(f"note: {note}"), err=True)
    return 1 if found.word == "differs" else 0


def _print(found: Reproduction) -> None:
    from seqrun.comparing.reproduction_page import sections
    from seqrun.console import print_table

    for section in sections(found):
        print_table(section.headers, section.rows, numeric=section.numeric)
        click.echo()
    click.echo(printable(found.sentence))
