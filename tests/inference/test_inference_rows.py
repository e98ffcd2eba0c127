"""Rows that cannot be predicted are named, every one of them."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from seqrun.inference.reading.texts import _warnings

from seqrun.errors import DataError

FAULTS = [f"line {number}: no text" for number in range(2, 17)]


def saved(bad_rows: str) -> SimpleNamespace:
    return SimpleNamespace(experiment=SimpleNamespace(dataset=SimpleNamespace(bad_rows=bad_rows)))


def test_rows_left_out_are_all_named_also_past_the_tenth():
    (told,) = _warnings(saved("skip"), Path("new.csv"), FAULTS)
    assert "15 rows left out" in told
    assert "and 5 more: lines 12-16" in told


def test_rows_that_end_the_command_are_all_named():
    with pytest.raises(DataError, match=r"15 rows cannot be used(.|\n)*and 5 more: lines 12-16"):
        _warnings(saved("error"), Path("new.csv"), FAULTS)
