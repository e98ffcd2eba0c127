"""Trained runs of every family, each trained when the first test asks for it, and served in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from commands import SMOKE, train

CONFIGS = {
    "classifier of texts": "text.yaml",
    "classifier of numbers": "sequences.yaml",
    "forecaster": "series.yaml",
    "forecaster with dropout": "waves_mc_dropout.yaml",
    "autoencoder": "mnist_conv_autoencoder.yaml",
    "tagger": "tagger.yaml",
    "multilabel": "multilabel.yaml",
    "regressor": "regressor.yaml",
}


@pytest.fixture(scope="session")
def trained(tmp_path_factory, undrawn) -> Callable[[str], Path]:
    """trained("tagger"): the run of a family, one for all tests."""
    runs = tmp_path_factory.mktemp("served")

    @cache
    def trained(family: str) -> Path:
        with undrawn():
            return train(SMOKE / CONFIGS[family], runs, "trainer.epochs=1")

    return trained


@pytest.fixture(scope="session")
def served(trained):
    """served("tagger"): that run, ready to answer, as a Client of serving/client.py."""
    pytest.importorskip("starlette", reason="the extra `serve` is not installed")
    from serving.client import served_in_process

    return cache(lambda family: served_in_process(trained(family)))
