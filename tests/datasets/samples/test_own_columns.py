"""The columns of a Parquet file of samples that stand beside what is predicted of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

from seqrun.components.splits import Spec, Values
from seqrun.components.targets import ClassTarget
from seqrun.datasets.samples.parquet import Columns
from seqrun.datasets.samples.reader import SequencesReader
from seqrun.errors import InputError

CLASSES = ClassTarget(("a", "b"))
VALUES = Values(("value",), (0.0,), (1.0,), padded=True)


def read(path: Path, columns: Columns):
    return SequencesReader(Spec((3, 1), CLASSES, values=VALUES), "x", None, columns).read(path)


def test_where_a_row_is_a_sample_all_columns_are_its_own_as_the_file_has_them(tmp_path):
    own = {
        "value": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
        "who": ["007", None],
        "count": [3, None],  # pandas would make numbers with fractions of them
        "day": [date(2024, 1, 2), date(2024, 1, 3)],
    }
    pyarrow.parquet.write_table(pyarrow.table(own), tmp_path / "new.parquet")
    samples = read(tmp_path / "new.parquet", Columns(features=("value",)))
    assert (samples.own, samples.own_of_steps) == (own, {})


@pytest.mark.parametrize("time", [None, "at"])
def test_where_a_row_is_a_step_columns_are_of_steps_in_their_order_and_constant_ones_of_samples(time, tmp_path):
    frame = pd.DataFrame({"run": [2, 1, 2, 1], "at": [5, 8, 4, 9], "who": ["b", "a", "b", "a"]}, index=[9, 8, 7, 6])
    frame["value"], frame["note"] = np.arange(1.0, 5.0), ["w", "x", "y", "z"]
    frame.to_parquet(tmp_path / "new.parquet")  # with its index, as pandas does
    samples = read(tmp_path / "new.parquet", Columns("run", time, ("value",)))
    order = [2, 0, 1, 3] if time else [0, 2, 1, 3]  # sample 2 comes first in the file
    expected = {name: frame[name].iloc[order].tolist() for name in ("run", "at", "who", "value", "note")}
    assert samples.own_of_steps == expected
    assert samples.own == {"run": [2, 1], "who": ["b", "a"]}


def test_a_table_of_text_may_be_written_otherwise_and_its_cells_are_as_they_stand_there(tmp_path):
    rows = ["run;value;who;n", "007;1,5;Ren\xe9;NA", "007;2,5;Ren\xe9;NA", "1e3;3;x;1.10", "1e3;4;x;1.10"]
    path = tmp_path / "new.csv"
    path.write_bytes("\n".join(rows).encode("latin-1"))
    reader = SequencesReader(Spec((3, 1), CLASSES, values=VALUES), "x", None, Columns("run", None, ("value",)))
    how = {"delimiter": ";", "decimal": ","}
    samples = reader.written({**how, "encoding": "latin-1"}, path).read(path)
    assert samples.own == {"run": ["007", "1e3"], "who": ["Ren\xe9", "x"], "n": ["NA", "1.10"]}
    assert samples.own_of_steps["value"] == ["1,5", "2,5", "3", "4"]
    with pytest.raises(InputError, match="delimiter: has no meaning for"):
        reader.written(how, tmp_path / "new.parquet")
