"""Exports in virtual environments that pip has just made, without seqrun: `SEQRUN_FRESH=1 pytest tests/export`."""

from __future__ import annotations

import os

import pytest

from benchmarks.families import FAMILIES, fresh_row
from benchmarks.fresh import fresh_environments

NEAR = 1e-5


@pytest.fixture(scope="module")
def pythons(tmp_path_factory):
    if not os.environ.get("SEQRUN_FRESH"):
        pytest.skip("SEQRUN_FRESH is not set: pip would fetch TensorFlow")
    with fresh_environments(tmp_path_factory.mktemp("environments")) as found:
        yield found


@pytest.mark.parametrize("family", ["texts, recurrent", "forecast of many series"])
def test_a_saved_model_and_an_onnx_file_answer_raw_input_as_the_run_does(pythons, tmp_path, family):
    row = fresh_row(FAMILIES[family], tmp_path, pythons)
    assert len(row) == 2
    for column, difference in row.items():
        assert isinstance(difference, float) and difference < NEAR, f"{column}: {difference}"
