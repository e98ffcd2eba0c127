"""What commands share that train several runs for one answer: what there is of them, and training the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import (
    data_dir_option,
    device_option,
    json_option,
    no_cache_option,
    print_json,
    progress_option,
    runs_dir_option,
    threads_option,
)
from seqrun.cli.train import report, workshop

if TYPE_CHECKING:
    from seqrun.api.trials import Trial
    from seqrun.console import ProgressKind
    from seqrun.running.ending import Ended

STOPPED = 128  # exit codes from here on are those of signals
_OPTIONS = (
    click.option("--metric", metavar="M", shell_complete=completing.metrics, help="auc, validation.auc, ..."),
    device_option,
    threads_option,
    runs_dir_option,
    data_dir_option,
    no_cache_option,
    click.option("--dry-run", is_flag=True, help="Say what would be trained, and train nothing."),
    progress_option,
    json_option,
)


@dataclass(frozen=True)
class Training:
    """How trials are trained, as the options of their command say."""

    device: str
    threads: int | None
    runs_dir: Path
    data_dir: Path | None
    no_cache: bool
    progress: ProgressKind


def trials_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options that all of its kind have; it gets those of training as one, `training`."""

    @wraps(command)
    def with_training(**values: Any) -> None:
        training = Training(**{each.name: values.pop(each.name) for each in fields(Training)})
        command(training=training, **values)

    for option in reversed(_OPTIONS):
        with_training = option(with_training)
    return with_training


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


def train_trials(trials: Sequence[Trial], training: Training) -> int:
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
    place, how = (training.runs_dir, training.data_dir), (not training.no_cache, training.progress)
    with workshop(training.device, training.threads, *place, *how) as shop:
        for ended in carry_out(missing, shop):
            report(ended, told=False)
            counts = decisive(counts, ended)
    if shop.signals.received is not None:
        click.echo("stopped; the same command goes on where this one ended", err=True)
    return code if counts is None else counts.exit_code
