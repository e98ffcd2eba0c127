"""What a trainer says that a run may come to."""

from __future__ import annotations

import pytest
from conftest import FAMILIES

from seqrun.comparing.values import values
from seqrun.registry import TRAINERS, load
from seqrun.rundir.reading import read_run

pytestmark = pytest.mark.usefixtures("undrawn_plots")


@pytest.mark.parametrize("family", FAMILIES)
def test_all_metrics_of_a_run_are_among_what_its_trainer_may_have(trained, family):
    run = read_run(trained(family))
    trainer = load(TRAINERS[run.record["config"]["trainer"]["name"]])
    assert {name.rpartition(".")[2] for name in values(run)} <= {"loss", *trainer.metrics, *trainer.measured}
