"""Training a config on fractions of its training split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.api.training import load_all
from seqrun.api.trials import Trial, find_trials, named
from seqrun.comparing.values import check_possible

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.rundir.reading import RunRecord

TAG = "curve"


def curve_trials(
    config: Path,
    overrides: Sequence[str],
    fractions: Sequence[float],
    *,
    seed: int | None,
    repeats: int,
    runs_dir: Path,
    metric: str | None = None,
) -> dict[float, list[Trial]]:
    """Return the trials of each fraction, a seed each.

    Raises ConfigError with all problems of the config, and UsageError for a metric that its trainer does not have.
    """
    from seqrun.running.runner import repeated

    experiments: dict[float, list[Experiment]] = {}
    for fraction in fractions:
        given = [*overrides, f"dataset.train_fraction={fraction!r}"]
        [experiment] = load_all([config], given, seed=seed, repeats=repeats)
        name = experiment.name if fraction == 1 else f"{experiment.name}_train_{fraction:g}"
        experiments[fraction] = [*repeated(named(experiment, name, TAG), repeats)]
    if metric is not None:
        check_possible(metric, next(iter(experiments.values()))[0].trainer.figures())
    found = iter(find_trials([one for each in experiments.values() for one in each], runs_dir))
    return {fraction: [next(found) for _ in each] for fraction, each in experiments.items()}


def curve_runs(trials: Mapping[float, Iterable[Trial]], runs_dir: Path) -> dict[float, list[RunRecord]]:
    """Return the finished runs of each fraction that has any, after its trials were carried out."""
    every = {fraction: [*each] for fraction, each in trials.items()}
    again = iter(find_trials([trial.experiment for each in every.values() for trial in each], runs_dir))
    found = {fraction: [next(again).run for _ in each] for fraction, each in every.items()}
    kept = {
        fraction: [run for run in each if run is not None and run.status == "finished"]
        for fraction, each in found.items()
    }
    return {fraction: each for fraction, each in kept.items() if each}


def curve_notes(trials: Mapping[float, Sequence[Trial]]) -> Iterator[str]:
    """Yield what a fraction of these data is, where it is no draw."""
    dataset = next(iter(trials.values()))[0].experiment.dataset
    if "forecasting" in dataset.tasks:
        yield "of series, a fraction is the latest part of the training rows"
