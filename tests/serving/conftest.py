"""Trained runs of every family, each trained when the first test asks for it, and served in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

CONFIGS = {
    "classifier of texts": "text",
    "classifier of numbers": "sequences",
    "forecaster": "series",
    "forecaster with dropout": "waves_mc_dropout",
    "autoencoder": "mnist_conv_autoencoder",
    "tagger": "tagger",
    "multilabel": "multilabel",
    "regressor": "regressor",
}


@pytest.fixture(scope="session")
def trained(family_run) -> Callable[[str], Path]:
    """trained("tagger"): the run of a family, one for all tests."""
    return lambda family: family_run(CONFIGS[family])


@pytest.fixture(scope="session")
def served(trained):
    """served("tagger"): that run, ready to answer, as a Client of serving/client.py."""
    pytest.importorskip("starlette", reason="the extra `serve` is not installed")
    from serving.client import served_in_process

    return cache(lambda family: served_in_process(trained(family)))
