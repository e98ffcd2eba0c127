"""`seqrun resume`: goes on with a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, no_cache_option, progress_options
from seqrun.cli.train import lost, report, signals
from seqrun.machine.streams import Unfailing, guarded
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.console import ProgressKind


@click.command(
    epilog="""\b
Examples:
  seqrun resume runs/20261122-041530_imdb_lstm
  seqrun resume runs/20261122-041530_imdb_lstm --set trainer.epochs=200"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="A.B=C",
    shell_complete=completing.changeable,
    help="trainer.epochs=N trains up to N epochs, also with a finished run; trainer.early_stopping.patience=N waits "
    "longer. Nothing else can be set.",
)
@click.option(
    "--anyway", is_flag=True, help="Go on although packages or the device are others than the run began with."
)
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
@data_dir_option
@no_cache_option
@progress_options
def command(
    run: str,
    overrides: tuple[str, ...],
    anyway: bool,
    allow_plugins: bool,
    data_dir: Path | None,
    no_cache: bool,
    progress: ProgressKind,
    as_json: bool,
) -> None:
    """Go on with a run that was interrupted or failed, from its last complete checkpoint, on the data that it began
    with and with as many threads.

    On a CPU it comes to what it would have come to, bit for bit. Prints the run's directory; of a finished run, at
    once. A run without a checkpoint starts at epoch 1. Exit codes: as those of train.
    """
    from seqrun.api.resuming import gone_on, resumable

    found = read_run(run)
    experiment = resumable(found, overrides, allow_plugins)
    if experiment is None:
        from seqrun.running.ending import shown

        path = shown(found.path.resolve())
        click.echo(json.dumps({"event": "finished", "run": path, "status": "finished"}) if as_json else path)
        return
    how: dict[str, Any] = {"anyway": anyway, "data_dir": data_dir, "cache": not no_cache}
    with guarded("stdout", Unfailing) as out:
        ended = gone_on(found, experiment, signals(), sys.argv, **how, progress="json" if as_json else progress)
        report(ended, told=not as_json)
    sys.exit(ended.exit_code or lost(out))
