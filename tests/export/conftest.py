"""Trained runs of every family, each trained when the first test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from commands import SMOKE, train

CONFIGS = {
    "classifier of texts": "bag_of_words.yaml",
    "classifier of numbers": "sequences.yaml",
    "forecaster": "waves_iterated.yaml",
    "autoencoder": "mnist_conv_autoencoder.yaml",
    "tagger": "tagger.yaml",
    "multilabel": "multilabel.yaml",
    "regressor": "regressor.yaml",
}


@pytest.fixture(scope="session")
def trained(tmp_path_factory, undrawn) -> Callable[[str], Path]:
    """trained("tagger"): the run of a family, one for all tests."""
    runs = tmp_path_factory.mktemp("exported")

    @cache
    def trained(family: str) -> Path:
        with undrawn():
            return train(SMOKE / CONFIGS[family], runs, "trainer.epochs=1")

    return trained
