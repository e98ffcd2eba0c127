"""Training from Python: what a config describes, to the end or to an error."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqrun.api.calls import changes, data_folder, ended_well, folder, one_interruptible
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    from seqrun.api.run import Run
    from seqrun.config.given import Given
    from seqrun.console import ProgressKind

Config = str | os.PathLike[str] | Mapping[str, Any]


def train(
    config: Config,
    *,
    set: Mapping[str, Any] | None = None,
    name: str | None = None,
    seed: int | None = None,
    log: str | Sequence[str] = (),
    device: str = "auto",
    threads: int | None = None,
    runs_dir: str | os.PathLike[str] = "runs",
    data_dir: str | os.PathLike[str] | None = None,
    cache: bool = True,
    progress: ProgressKind = "auto",
) -> Run:
    """Train what a config describes, and return the run when it has finished.

    The config is a file's path, or a mapping with what such a file holds; relative paths in a mapping start at the
    current directory. The parameters are the options of `seqrun train`, `set` changing settings by their dotted keys:

        run = seqrun.train("configs/imdb_lstm.yaml", set={"trainer.epochs": 3}, seed=1)
        run.metrics["test"]["auc"]

    Raises what the command would tell, in the same words: ConfigError, with all its `problems`; DataError;
    DivergedError for a loss that became NaN; UsageError; and TrainingInterrupted, a KeyboardInterrupt, after Ctrl-C or
    a notebook's stop button. The attribute `run` of such an error is the directory of the run that it ended, None if
    that has none; `seqrun.load(error.run).resume()` goes on.
    """
    from seqrun.api.run import Run
    from seqrun.api.workshop import open_workshop
    from seqrun.config.experiment import load_experiment
    from seqrun.running.runner import run

    names = [log] if isinstance(log, str) else log
    experiment = load_experiment(config, changes(set, name=name, seed=seed), loggers=names, data="if there")
    place, argv = folder("runs_dir", runs_dir), _as_argv(config, set)
    found = data_folder(data_dir)
    with (
        one_interruptible() as signals,
        open_workshop(signals, device, threads, place, found, argv, cached=cache, progress=progress) as shop,
    ):
        ended = run(experiment, shop)
    return Run(ended_well(ended))


def validate(config: Config, *, set: Mapping[str, Any] | None = None, data: bool = True) -> list[Problem]:
    """Return all problems of a config, none if it is valid; `str` of one reads as the command line prints it.

        for problem in seqrun.validate("my.yaml"):
            print(problem)

    `data=False` does not look at the data, as where they are on another machine.
    """
    return problems_of(config, changes(set), data=data)


def problems_of(config: Config, overrides: Sequence[str | Given], *, data: bool) -> list[Problem]:
    """Return all problems of a config with these changes, in the order of the file."""
    from seqrun.config.experiment import load_experiment

    try:
        load_experiment(config, overrides, data="needed" if data else "not asked")
    except ConfigError as error:
        return [*error.problems]
    return []


def _as_argv(config: Config, settings: Mapping[str, Any] | None) -> list[str]:
    """Return what is recorded in place of a command line."""
    called = "config" if isinstance(config, Mapping) else os.fspath(config)
    return ["seqrun.train", called, *(f"{key}={value}" for key, value in (settings or {}).items())]
