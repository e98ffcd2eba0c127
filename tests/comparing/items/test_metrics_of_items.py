"""The metrics that tests over items compute with are those that the run has recorded."""

from __future__ import annotations

import json

import pytest

from seqrun.inference.kept import read_kept
from seqrun.registry import ITEMS
from seqrun.rundir.reading import read_run
from seqrun.tasks.items import value

NOT_OF_PREDICTIONS = {  # of the network, of the training data, or not judged
    "loss", "kl_loss", "neighbour_agreement", "threshold", "test_chosen_threshold", "interval_level", "coverage",
    "balanced_accuracy_at_test_chosen_threshold", "interval_width", "anomalous_share", "span_precision", "span_recall",
}  # fmt: skip


@pytest.mark.parametrize("family", ["text", "tagger", "series", "multilabel", "regressor", "mnist_conv_autoencoder"])
def test_all_metrics_of_a_run_come_from_its_items(family, family_run):
    run = family_run(family)
    recorded = json.loads((run / "metrics.json").read_text())["test"]
    items = read_kept(read_run(run), ITEMS)
    assert {*recorded} - {*items.measures} <= NOT_OF_PREDICTIONS
    for name in {*items.measures} & {*recorded}:
        assert value(items.measures[name]()) == pytest.approx(recorded[name], rel=1e-6, nan_ok=True), name
