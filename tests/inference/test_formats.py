"""What `-o` writes is what pandas, json and numpy read, and a file's own columns stand beside the predictions."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seqrun.components import NewSamples
from seqrun.components.keys import Key
from seqrun.errors import InputError
from seqrun.inference.results import Results, check_output

OWN = {"id": ["007", "1e3", "1.10"], "text": ["a", 'b, "c"\nd', "é"], "stars": [5, None, 3]}
PREDICTED = {"predicted": ["x", "y", "x"], "probability_x": [0.25, 0.75, 1e-9]}


def results(own: dict | None = None, ids: Key | None = None) -> Results:
    arrays = {"predictions": np.array([[0.25, 0.75]] * 3), "classes": np.array(["x", "y"])}
    samples = NewSamples(np.zeros((3, 1)), np.array([0, 2, 5]), OWN["text"], own=OWN if own is None else own, ids=ids)
    return Results(PREDICTED, arrays, {}, ()).named_by(samples)


EXPECTED = pd.DataFrame({"row": [0, 2, 5], **OWN, **PREDICTED})
READERS = {
    "csv": lambda path: pd.read_csv(path, dtype={"id": str}),
    "json": lambda path: pd.read_json(path, dtype={"id": str}),
    "jsonl": lambda path: pd.read_json(path, lines=True, dtype={"id": str}),
    "parquet": pd.read_parquet,
}


@pytest.mark.parametrize("ending", READERS)
def test_pandas_reads_every_table(ending, tmp_path):
    told = results().write(tmp_path / f"out.{ending}")
    assert told.endswith(f"out.{ending}: 3 rows of row, id, text, stars, predicted, probability_x")
    pd.testing.assert_frame_equal(READERS[ending](tmp_path / f"out.{ending}"), EXPECTED)


def test_json_is_a_list_of_objects_and_a_csv_cell_is_as_it_was_written(tmp_path):
    for ending in ("json", "csv"):
        results().write(tmp_path / f"out.{ending}")
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert rows[1] == {
        "row": 2,
        "id": "1e3",
        "text": 'b, "c"\nd',
        "stars": None,
        **{k: v[1] for k, v in PREDICTED.items()},
    }
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row["id"] for row in csv.DictReader(file)] == OWN["id"]


def test_numpy_reads_every_file_of_arrays(tmp_path):
    for ending in ("npy", "npz"):
        results().write(tmp_path / f"out.{ending}")
    assert np.load(tmp_path / "out.npy").tolist() == [[0.25, 0.75]] * 3
    with np.load(tmp_path / "out.npz") as arrays:
        assert set(arrays) == {"index", "predictions", "classes"} and arrays["index"].tolist() == [0, 2, 5]


def test_own_columns_of_the_names_of_others_get_underscores():
    own = {"row": [9, 8, 7], "predicted": ["?"] * 3, "predicted_": ["!"] * 3}
    columns = results(own).columns
    assert [*columns] == ["row", "row_", "predicted_", "predicted__", "predicted", "probability_x"]
    assert (columns["row"], columns["row_"], columns["predicted"]) == ([0, 2, 5], [9, 8, 7], PREDICTED["predicted"])
    assert (columns["predicted_"], columns["predicted__"]) == (["?"] * 3, ["!"] * 3)


def test_the_column_that_names_the_samples_stands_there_once():
    columns = results(ids=Key.of("id", np.array(OWN["id"]))).columns
    assert [*columns] == ["id", "text", "stars", "predicted", "probability_x"]


def test_cells_that_are_no_text_or_number_are_json(tmp_path):
    own = {"list": [[1, 2], None, []], "mixed": [1, "one", {"is": True}], "none": [None] * 3}
    for ending in ("csv", "jsonl", "parquet"):
        results(own).write(tmp_path / f"out.{ending}")
    table = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert table["list"].tolist() == ["[1, 2]", "", "[]"] and table["mixed"].tolist() == ["1", "one", '{"is": true}']
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [[row[name] for row in rows] for name in own] == list(own.values())
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert [json.loads(cell) for cell in frame["mixed"]] == own["mixed"]
    assert [None if cell is None else list(cell) for cell in frame["list"]] == own["list"]


def test_an_unknown_ending_lists_the_known():
    with pytest.raises(InputError, match=r"the ending is none of \.csv, \.json, \.jsonl, \.parquet, \.npy, \.npz"):
        check_output(Path("out.xlsx"))
