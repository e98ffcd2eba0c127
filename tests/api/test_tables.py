"""A DataFrame on its way to a reader loses nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from seqrun.api.tables import write_table
from seqrun.errors import InputError


@pytest.fixture
def written(tmp_path):
    def written(frame: pd.DataFrame, time: str | None = None) -> dict[str, list]:
        write_table(frame, tmp_path / "t.parquet", time)
        return pq.read_table(tmp_path / "t.parquet").to_pydict()

    return written


def test_cells_stay_what_they_are(written):
    columns = {
        "id": ["007", "7"],
        "missing": [1.5, None],
        "no_text": [None, "a"],
        "whole": pd.array([1, None], dtype="Int64"),
        "category": pd.Categorical(["b", "a"]),
        "numbers": pd.Categorical([2, 10]),
        "sample": [np.ones((2, 2)), [[3.0, 4.0]]],
        "steps": [np.array([1.0, 2.0]), np.array([3.0])],
        5: [True, False],
    }
    assert written(pd.DataFrame(columns)) == {
        "id": ["007", "7"],
        "missing": [1.5, None],
        "no_text": [None, "a"],
        "whole": [1, None],
        "category": ["b", "a"],
        "numbers": [2, 10],
        "sample": [[[1.0, 1.0], [1.0, 1.0]], [[3.0, 4.0]]],
        "steps": [[1.0, 2.0], [3.0]],
        "5": [True, False],
    }


def test_times_keep_their_zone_and_periods_are_times(written):
    times = pd.date_range("2026-03-29", periods=2, freq="h", tz="Europe/Berlin")
    found = written(pd.DataFrame({"t": times, "p": pd.period_range("2026-01", periods=2, freq="M")}))
    assert found["t"] == list(times) and str(found["t"][0].tzinfo) == "Europe/Berlin"
    assert found["p"] == [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.RangeIndex(2), []),
        (pd.Index([5, 9]), []),
        (pd.Index(["a", "b"], name="id"), ["id"]),
        (pd.Index(["a", "b"], name="load"), []),
        (pd.date_range("2026", periods=2), ["time"]),
        (pd.period_range("2026", periods=2, freq="D"), ["time"]),
        (pd.date_range("2026", periods=2, name="when"), ["when"]),
        (pd.MultiIndex.from_tuples([("a", 0), ("a", 1)], names=["id", None]), ["id"]),
    ],
)
def test_an_index_that_says_something_is_a_column(written, index, expected):
    found = written(pd.DataFrame({"load": [1, 2]}, index=index), "time")
    assert [*found] == [*expected, "load"]
    assert found["load"] == [1, 2]


def test_what_no_table_holds_is_an_error_that_names_the_column(written):
    with pytest.raises(InputError, match=r"the column b holds values that .* \(int, str\): .*drop\(columns='b'\)"):
        written(pd.DataFrame({"a": [1, 2], "b": [1, "x"]}))
    with pytest.raises(InputError, match="several columns called a"):
        written(pd.DataFrame([[1, 2]], columns=["a", "a"]))
