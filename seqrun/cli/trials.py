"""What commands share that train several runs for one answer: what there is of them, and training the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import print_json
from seqrun.cli.train import report, workshop

if TYPE_CHECKING:
    from seqrun.api.trials import Trial
    from seqrun.console import ProgressKind
    from seqrun.running.ending import Ended

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be trained, and train nothing.")
one_metric_option = click.option(
    "--metric", metavar="M", shell_complete=completing.metrics, help="auc, validation.auc, ..."
)
STOPPED = 128  # exit codes from here on are those of signals


def describe_trials(told: Sequence[Mapping[str, Any]], trials: Sequence[Trial], as_json: bool) -> None:
    """Print what there is of each trial, beside what is `told` of it."""
    from seqrun.console import print_table

    rows = [
        {
            **of_trial,
            "seed": trial.experiment.seed,
            "status": "to be trained" if trial.run is None else trial.run.status,
            "run": None if trial.run is None else str(trial.run.path),
        }
        for of_trial, trial in zip(told, trials, strict=True)
    ]
    if as_json:
        print_json(rows)
        return
    print_table([*rows[0]], [["—" if cell is None else str(cell) for cell in row.values()] for row in rows])
    click.echo(f"\n{sum(trial.done for trial in trials)} of {len(trials)} runs are there already")


def train_trials(
    trials: Sequence[Trial],
    device: str,
    threads: int | None,
    runs_dir: Path,
    data_dir: Path | None,
    cached: bool,
    progress: ProgressKind,
) -> int:
    """Train what is not there of the trials, and return the exit code, as `seqrun train` has it.

    Where all are there, nothing needs TensorFlow. What is there counts too: 3 if a run has diverged before.
    After a signal it is told how to go on.
    """
    code = 3 if any(trial.run is not None and trial.run.status == "diverged" for trial in trials) else 0
    missing = [trial for trial in trials if not trial.done]
    if len(missing) < len(trials):
        click.echo(f"{len(trials) - len(missing)} of {len(trials)} runs are there already", err=True)
    if not missing:
        return code
    from seqrun.api.trials import carry_out
    from seqrun.running.ending import decisive

    counts: Ended | None = None
    with workshop(device, threads, runs_dir, data_dir, cached, progress) as shop:
        for ended in carry_out(missing, shop):
            report(ended, told=False)
            counts = decisive(counts, ended)
    if shop.signals.received is not None:
        click.echo("stopped; the same command goes on where this one ended", err=True)
    return code if counts is None else counts.exit_code
