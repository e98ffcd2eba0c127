"""`seqrun train`: validates everything, then trains."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import (
    data_dir_option,
    device_option,
    no_cache_option,
    progress_options,
    runs_dir_option,
    set_option,
    threads_option,
)
from seqrun.errors import InterruptedRun, SeqrunError, UsageError
from seqrun.machine.streams import Unfailing, guarded
from seqrun.machine.withheld import masked

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.console import ProgressKind
    from seqrun.machine.signals import StopSignals
    from seqrun.running.ending import Ended
    from seqrun.running.workshop import Workshop


@click.command(
    epilog="""\b
Examples:
  seqrun train configs/imdb_lstm.yaml
  seqrun train my.yaml --set architecture.units=64 --repeats 5
  seqrun train configs/smoke/*.yaml --progress plain"""
)
@click.argument(
    "configs",
    metavar="CONFIG...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    shell_complete=completing.configs,
)
@set_option
@click.option("--name", help="The run's name, instead of the config's (one CONFIG only).")
@click.option(
    "--log",
    "loggers",
    multiple=True,
    metavar="LOGGER",
    shell_complete=completing.loggers,
    help="Tell a tool of epochs and results: tensorboard, mlflow or a plugin's. Repeatable.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="The seed, instead of the config's.")
@click.option("--repeats", type=click.IntRange(min=1), default=1, help="Train with so many seeds: seed, seed+1, ...")
@device_option
@threads_option
@click.option(
    "--deterministic",
    is_flag=True,
    help="On a GPU, give the same bits each time, slower. On a CPU every run does; resume and reproduce keep it.",
)
@runs_dir_option
@data_dir_option
@no_cache_option
@click.option(
    "--dry-run", is_flag=True, help="Print the resolved config, the data's shapes and the model; train nothing."
)
@progress_options
def command(
    configs: tuple[Path, ...],
    overrides: tuple[str, ...],
    name: str | None,
    loggers: tuple[str, ...],
    seed: int | None,
    repeats: int,
    device: str,
    threads: int | None,
    deterministic: bool,
    runs_dir: Path,
    data_dir: Path | None,
    no_cache: bool,
    dry_run: bool,
    progress: ProgressKind,
    as_json: bool,
) -> None:
    """Validate every CONFIG, then train one after the other.

    Prints each run's directory; what fails before training, for want of its data say, leaves none. Exit codes: 0 done,
    1 a run failed, 2 usage or config, 3 the loss diverged, 4 data cannot be had, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP.
    """
    from seqrun.api.training import load_all

    if name is not None and len(configs) > 1:
        raise UsageError("--name names one run, but there are several configs")
    experiments = load_all(configs, overrides, name=name, seed=seed, loggers=loggers, repeats=repeats)
    shown: ProgressKind = "json" if as_json else progress
    cached = not (no_cache or dry_run)
    chosen = workshop(device, threads, runs_dir, data_dir, cached, shown, deterministic)
    with guarded("stdout", Unfailing) as out, chosen as shop:
        code = _describe(experiments, shop) if dry_run else _train(experiments, repeats, shop, told=not as_json)
    sys.exit(code or lost(out))


def signals() -> StopSignals:
    """Return what stops the command's runs."""
    found: StopSignals = click.get_current_context().find_root().obj
    return found


@contextmanager
def workshop(
    device: str,
    threads: int | None,
    runs_dir: Path,
    data_dir: Path | None,
    cached: bool,
    progress: ProgressKind,
    deterministic: bool = False,
) -> Iterator[Workshop]:
    """Yield the Workshop, in which the signals of the command stop its runs."""
    from seqrun.api.workshop import open_workshop

    how: dict[str, Any] = {"cached": cached, "progress": progress, "deterministic": deterministic}
    with open_workshop(signals(), device, threads, runs_dir, data_dir, sys.argv, **how) as opened:
        yield opened


def _describe(experiments: list[Experiment], workshop: Workshop) -> int:
    from seqrun.readable import printable
    from seqrun.running.runner import describe

    for experiment in experiments:
        click.echo(printable(describe(experiment, workshop)))
    return 0


def _train(experiments: list[Experiment], repeats: int, workshop: Workshop, *, told: bool) -> int:
    """Run all experiments, print each run's path if `told`, and return the exit code.

    That is the code of the first failure, or of the signal that stopped the runs.
    """
    from seqrun.running.ending import decisive
    from seqrun.running.runner import repeated, run_all

    counts: Ended | None = None
    runs = (run for experiment in experiments for run in repeated(experiment, repeats))
    for ended in run_all(runs, workshop):
        report(ended, told=told)
        counts = decisive(counts, ended)
    return 0 if counts is None else counts.exit_code


def report(ended: Ended, *, told: bool) -> None:
    """Print a run's path if `told`, and its error's traceback if that is asked for."""
    if told and ended.path is not None:
        click.echo(ended.path)
    if ended.error and click.get_current_context().find_root().params["debug"]:
        click.echo(masked("".join(traceback.format_exception(ended.error))), err=True, nl=False)
    elif ended.path is None and not isinstance(ended.error, (SeqrunError, InterruptedRun, OSError)):
        click.echo("(--debug shows where)", err=True)  # what has a directory has it in its log


def lost(out: Unfailing) -> int:
    """Return the exit code of a command whose runs went well: 1, and a word on stderr, if `out` cannot be written."""
    if out.failure is None:
        return 0
    click.echo(f"error: standard output cannot be written: {out.failure}", err=True)
    return 1
