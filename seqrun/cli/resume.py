"""`seqrun resume`: goes on with a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, no_cache_option, progress_options
from seqrun.cli.train import lost, report, workshop
from seqrun.errors import UsageError
from seqrun.machine.streams import Unfailing, guarded
from seqrun.rundir.reading import RunRecord, read_run

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
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
    from seqrun.running.resuming import check_changes, check_resumable, check_whole, resume

    found = read_run(run)
    check_changes(overrides)
    check_whole(found)
    if found.status == "finished" and not overrides:
        from seqrun.running.runner import shown

        path = shown(found.path.resolve())
        click.echo(json.dumps({"event": "finished", "run": path, "status": "finished"}) if as_json else path)
        return
    experiment = _experiment(found, overrides, allow_plugins)
    check_resumable(found, experiment, changed=bool(overrides))
    device = str(found.record["device"])
    where = "cpu" if device.startswith("CPU") else "auto" if anyway else device.partition(" ")[0].lower()
    kind: ProgressKind = "json" if as_json else progress
    with guarded("stdout", Unfailing) as out:
        with workshop(where, found.record["threads"], found.path.parent, data_dir, not no_cache, kind) as shop:
            ended = resume(found, experiment, shop, anyway=anyway)
        report(ended, told=not as_json)
    sys.exit(ended.exit_code or lost(out))


def _experiment(run: RunRecord, overrides: tuple[str, ...], allow_plugins: bool) -> Experiment:
    """Return the run's experiment with the changes; UsageError if it needs plugins which are not allowed."""
    from seqrun.config.experiment import load_experiment
    from seqrun.config.recorded import own_plugins

    config = run.path / "config.yaml"
    if not config.is_file():
        raise UsageError(f"{run.path}: has no config.yaml to go on with")
    plugins = [str(path.resolve()) for path in own_plugins(run, allowed=allow_plugins)]
    return load_experiment(config, [*overrides, *([f"plugins={json.dumps(plugins)}"] if plugins else [])])
