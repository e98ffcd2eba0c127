"""What a config tells of the data is what the data then turns out to be."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from seqrun.components.locations import Locations
from seqrun.config.experiment import load_experiment

SMOKE = sorted((Path(__file__).parents[2] / "configs" / "smoke").glob("*.yaml"))


@pytest.mark.parametrize("path", SMOKE, ids=lambda path: path.stem)
def test_the_outline_of_a_config_is_that_of_its_data_as_far_as_it_goes(path):
    experiment = load_experiment(path)
    told = asdict(experiment.dataset.outline(experiment.trainer.tasks))
    spec = experiment.dataset.load(Locations(None, emit=lambda event: None)).spec
    known = {**asdict(spec.outline()), "scaler": told["scaler"], "rows_a_step": told["rows_a_step"]}
    if spec.vocabulary is not None:  # of few texts there are fewer words than a config allows
        assert (told.pop("vocabulary_size") or known["vocabulary_size"]) >= known.pop("vocabulary_size")
    assert {key: value for key, value in told.items() if value is not None and value != known[key]} == {}
