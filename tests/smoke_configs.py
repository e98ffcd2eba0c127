"""The smoke configs, ready to train."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seqrun.components.base import Experiment
from seqrun.components.locations import Locations
from seqrun.components.splits import Splits
from seqrun.config.experiment import load_experiment

SMOKE = sorted((Path(__file__).parents[1] / "configs" / "smoke").glob("*.yaml"))


def experiment_and_splits(config: Path) -> tuple[Experiment, Splits]:
    experiment = load_experiment(config)
    splits = experiment.dataset.load(Locations(None, lambda event: None, None))
    return experiment, replace(splits, spec=experiment.architecture.refine(splits.spec))
