"""Training from Python, and from the command line: what configs describe, to the end or to an error."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

from seqrun.api.calls import all_ended_well, changes, data_folder, ended_well, folder, one_interruptible
from seqrun.api.telling import masked_problem, withholding
from seqrun.errors import ConfigError, InputError, Parameter, Problem

if TYPE_CHECKING:
    from seqrun.api.run import Run
    from seqrun.components.base import Experiment
    from seqrun.config.given import Given
    from seqrun.console import ProgressKind

Config = str | os.PathLike[str] | Mapping[str, Any]
MOST_REPEATS = 100_000
LAST_SEED = 2**32 - 1


class Options(TypedDict, total=False):
    """The other parameters of `train`, as type checkers see them."""

    set: Mapping[str, Any] | None
    name: str | None
    seed: int | None
    log: str | Sequence[str]
    device: str
    threads: int | None
    deterministic: bool
    runs_dir: str | os.PathLike[str]
    data_dir: str | os.PathLike[str] | None
    cache: bool
    progress: ProgressKind


@overload
def train(config: Config, *, repeats: None = None, **options: Unpack[Options]) -> Run: ...


@overload
def train(config: Config, *, repeats: int, **options: Unpack[Options]) -> list[Run]: ...


@withholding
def train(
    config: Config,
    *,
    set: Mapping[str, Any] | None = None,
    name: str | None = None,
    seed: int | None = None,
    repeats: int | None = None,
    log: str | Sequence[str] = (),
    device: str = "auto",
    threads: int | None = None,
    deterministic: bool = False,
    runs_dir: str | os.PathLike[str] = "runs",
    data_dir: str | os.PathLike[str] | None = None,
    cache: bool = True,
    progress: ProgressKind = "auto",
) -> Run | list[Run]:
    """Train what a config describes, and return the run when it has finished; with `repeats`, the list of runs.

    The config is a file's path, or a mapping with what such a file holds; relative paths in a mapping start at the
    current directory. The parameters are the options of `seqrun train`, `set` changing settings by their dotted keys:

        run = seqrun.train("configs/imdb_lstm.yaml", set={"trainer.epochs": 3}, seed=1)
        run.metrics["test"]["auc"]
        seqrun.compare(seqrun.train("configs/imdb_lstm.yaml", repeats=5))  # with seed, seed+1, ...

    Raises what the command would tell, in the same words: ConfigError, with all its `problems`; DataError;
    DivergedError for a loss that became NaN; UsageError; and TrainingInterrupted, a KeyboardInterrupt, after Ctrl-C or
    a notebook's stop button. The attribute `run` of such an error is the directory of the run that it ended, None if
    that has none; `seqrun.load(error.run).resume()` goes on. Of repeats the others are trained nevertheless, and then
    the first error is raised: its notes tell which failed, and `finished` has the directories of those that did not.
    """
    from seqrun.api.run import Run
    from seqrun.api.workshop import open_workshop
    from seqrun.running.runner import repeated, run_all

    names = [log] if isinstance(log, str) else log
    [experiment] = load_all([config], changes(set, name=name, seed=seed), loggers=names, repeats=repeats)
    place, argv = folder("runs_dir", runs_dir), _as_argv(config, set)
    found, count = data_folder(data_dir), 1 if repeats is None else repeats
    how: dict[str, Any] = {"cached": cache, "progress": progress, "deterministic": deterministic}
    with (
        one_interruptible() as signals,
        open_workshop(signals, device, threads, place, found, argv, **how) as shop,
    ):
        ends = [*run_all(repeated(experiment, count), shop)]
    if repeats is None:
        return Run(ended_well(ends[0]))
    return [Run(path) for path in all_ended_well(ends, experiment.seed, count)]


def load_all(
    configs: Iterable[Config],
    overrides: Sequence[str | Given],
    *,
    name: str | None = None,
    seed: int | None = None,
    loggers: Sequence[str] = (),
    repeats: int | None = None,
) -> list[Experiment]:
    """Return the experiments that configs describe, with these changes, each to be trained `repeats` times.

    Raises one ConfigError with the problems of all of them, and InputError for repeats that there cannot be.
    """
    from seqrun.config.experiment import load_experiment

    experiments: list[Experiment] = []
    problems: list[Problem] = []
    options: dict[str, Any] = {"name": name, "seed": seed, "loggers": loggers, "data": "if there"}
    for config in configs:
        try:
            experiments.append(load_experiment(config, overrides, **options))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    if repeats is not None:
        _check_repeats(repeats, experiments)
    return experiments


def _check_repeats(repeats: int, experiments: Iterable[Experiment]) -> None:
    """Raise InputError if there cannot be so many runs of each experiment, a seed each."""
    if not isinstance(repeats, int) or not 1 <= repeats <= MOST_REPEATS:
        raise InputError(Parameter("repeats", repeats), f": must be a whole number from 1 to {MOST_REPEATS:,}")
    for experiment in experiments:
        if experiment.seed + repeats - 1 > LAST_SEED:
            told = f" from seed {experiment.seed} goes past the last seed, {LAST_SEED}"
            raise InputError(Parameter("repeats", repeats), told)


@withholding
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
        return [*map(masked_problem, error.problems)]
    return []


def _as_argv(config: Config, settings: Mapping[str, Any] | None) -> list[str]:
    """Return what is recorded in place of a command line."""
    called = "config" if isinstance(config, Mapping) else os.fspath(config)
    return ["seqrun.train", called, *(f"{key}={value}" for key, value in (settings or {}).items())]
