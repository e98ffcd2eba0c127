"""Where nothing can be written into a temporary folder, what needs one says so, and what would help."""

from __future__ import annotations

import tempfile
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seqrun.api import asking
from seqrun.api.sources import source_of
from seqrun.errors import UsageError
from seqrun.export.loaded import Loaded
from seqrun.machine.scratch import scratch_folder

HELP = "a temporary folder cannot be written: .*; set TMPDIR to a folder with room"


def test_a_folder_that_is_gone_when_the_block_ends():
    with scratch_folder() as folder:
        (folder / "x").write_text("y")
    assert not folder.exists()


def test_an_error_of_the_block_is_its_own():
    with pytest.raises(FileNotFoundError), scratch_folder() as folder:
        (folder / "none").read_text()


@pytest.mark.parametrize(
    "needs",
    [
        lambda path: scratch_folder().__enter__(),
        lambda path: Loaded("keras", path),
        lambda path: asking.answered(None, np.zeros(3), {}, lambda: None),
    ],
    ids=["itself", "export", "predict"],
)
def test_no_folder_can_be_made(tmp_path, monkeypatch, needs):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(UsageError, match=HELP):
        needs(tmp_path)


@pytest.mark.parametrize("data", [np.zeros(3), pd.DataFrame({"a": [1]})], ids=["array", "table"])
def test_there_is_no_room_for_the_data_of_a_call(tmp_path, data):
    for name in ("array.npy", "DataFrame.parquet"):
        (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(UsageError, match=HELP):
        source_of(SimpleNamespace(reader=None), data, tmp_path)


def test_there_is_no_room_for_the_samples_of_an_export(tmp_path, monkeypatch):
    with Loaded("keras", tmp_path) as loaded:
        monkeypatch.setattr("seqrun.export.loaded.write_samples", lambda raw, folder: (folder / "a/b").write_text("c"))
        with pytest.raises(UsageError, match=HELP):
            loaded.answers(None)
