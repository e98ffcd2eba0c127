"""Trained runs of every family, each trained when the first test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

CONFIGS = {
    "classifier of texts": "bag_of_words",
    "classifier of numbers": "sequences",
    "forecaster": "waves_iterated",
    "autoencoder": "mnist_conv_autoencoder",
    "tagger": "tagger",
    "multilabel": "multilabel",
    "regressor": "regressor",
}


@pytest.fixture(scope="session")
def trained(family_run) -> Callable[[str], Path]:
    """trained("tagger"): the run of a family, one for all tests."""
    return lambda family: family_run(CONFIGS[family])
