"""The benchmarks' networks: on equal weights seqrun, plain Keras and PyTorch give the same outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases import JENA
from benchmarks.data import data_folder
from benchmarks.twins import ALIKE, SMOKE, differences


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twins") / "data"
    data_folder(SMOKE, folder, left_out=(JENA,))
    return folder


@pytest.mark.parametrize("name", ["lstm", "transformer", "tagger", "conv_gru"])
def test_seqruns_network_is_the_plain_one(name: str, data_dir: Path) -> None:
    side, difference = next(differences(name, data_dir))
    assert side == "seqrun" and difference < ALIKE


@pytest.mark.parametrize("name", ["gru", "transformer", "tagger", "conv_gru"])
def test_pytorchs_network_is_the_plain_one(name: str, data_dir: Path) -> None:
    pytest.importorskip("torch")
    assert dict(differences(name, data_dir))["pytorch"] < ALIKE
