"""The phases of a run, each by itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from seqrun.components import Locations, TagTarget
from seqrun.config.experiment import load_experiment
from seqrun.errors import UsageError
from seqrun.running.phases import build

SMOKE = Path(__file__).parents[2] / "configs" / "smoke"


def test_data_that_turn_out_to_be_for_another_task_are_refused():
    experiment = load_experiment(SMOKE / "sequences.yaml")
    splits = experiment.dataset.load(Locations(SMOKE / "data", lambda event: None))
    build(experiment, splits)
    tagged = replace(splits, spec=replace(splits.spec, target=TagTarget(("a", "b"))))
    with pytest.raises(UsageError, match="are for tagging, and trainer classifier is for classification: change"):
        build(experiment, tagged)
