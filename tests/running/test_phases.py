"""The phases of a run, each by itself."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from seqrun.components import Locations
from seqrun.config.experiment import load_experiment
from seqrun.errors import UsageError
from seqrun.running.phases import build

SMOKE = Path(__file__).parents[2] / "configs" / "smoke"


def test_data_that_turn_out_to_be_for_another_task_are_refused(tmp_path):
    experiment = load_experiment(SMOKE / "sequences.yaml")
    samples, classes = np.random.default_rng(0).normal(size=(30, 4, 2)), np.arange(30) % 3
    locations = Locations(None, lambda event: None)
    for labels, told in ((classes, None), (np.eye(3)[classes], "are for multilabel, and trainer classifier is for")):
        np.savez(tmp_path / "own.npz", x=samples, y=labels)
        dataset = experiment.dataset.model_copy(update={"path": tmp_path / "own.npz"})
        splits = dataset.load(locations)
        with nullcontext() if told is None else pytest.raises(UsageError, match=told):
            build(experiment, splits)
