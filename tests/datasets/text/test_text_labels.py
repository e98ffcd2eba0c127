"""Texts with any number of labels each: in a cell, or a column a label."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqrun.components.targets import LabelsTarget
from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

CELLS = ["red; blue", "", "blue ;green;", " red ", "red;red; blue", ";", "green; red;blue", "blue"]
LABELS = [
    {"red", "blue"},
    set(),
    {"blue", "green"},
    {"red"},
    {"red", "blue"},
    set(),
    {"green", "red", "blue"},
    {"blue"},
]
NAMES = ("blue", "green", "red")


def write(path, header, rows):
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
    elif path.suffix == ".jsonl":
        lines = (json.dumps(dict(zip(header, row, strict=True))) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines))
    else:
        pq.write_table(pa.table(dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))), path)
    return path


def in_cells(path, cells=CELLS, repeats=6):
    rows = [(f"text {number}", cell) for number, cell in enumerate(list(cells) * repeats)]
    return write(path, ("body", "tags"), rows)


def in_columns(path, truths, repeats=6):
    """A file with the columns red and blue; `truths` are pairs."""
    rows = [(f"text {number}", *pair) for number, pair in enumerate(list(truths) * repeats)]
    return write(path, ("body", "red", "blue"), rows)


def found(splits):
    """Row -> the labels of its sample."""
    names, parts = splits.spec.target.names, (splits.train, splits.validation, splits.test)
    return {
        row: {name for name, is_there in zip(names, targets, strict=True) if is_there}
        for part in parts
        for row, targets in zip(part.index.tolist(), part.targets, strict=True)
    }


@pytest.fixture
def load(locations):
    def load(path, **fields):
        keys = {"label": "tags", "labels_separator": ";"} if "labels" not in fields else {}
        return Text(path=path, text="body", **keys | fields).load(locations)

    return load


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_cell_holds_any_number_of_labels(load, tmp_path, ending):
    splits = load(in_cells(tmp_path / f"t.{ending}"))
    assert splits.spec.target == LabelsTarget(NAMES)
    assert found(splits) == dict(enumerate(LABELS * 6))
    assert splits.train.targets.dtype == np.int32 and set(np.unique(splits.train.targets)) == {0, 1}
    assert splits.warnings == ()


def test_any_text_separates(load, tmp_path):
    assert found(
        load(in_cells(tmp_path / "t.csv", ["red and blue", "and", "blue"] * 4), labels_separator="and")
    ) == dict(enumerate([{"red", "blue"}, set(), {"blue"}] * 24))


def test_labels_that_are_numbers_are_in_their_order(load, tmp_path):
    assert load(in_cells(tmp_path / "t.csv", ["10;9", "2;10", "9"])).spec.target.names == ("2", "9", "10")


@pytest.mark.parametrize(
    ("ending", "truths"),
    [
        ("csv", [("1", "0"), ("true", "FALSE"), (" 1 ", "True"), ("0", "1"), ("false", "0")]),
        ("jsonl", [(1, 0), (True, False), ("1", True), (0, 1.0), (False, 0.0)]),
        ("parquet", [(True, 0), (True, 0), (True, 1), (False, 1), (False, 0)]),
    ],
)
def test_each_label_may_have_a_column(load, tmp_path, ending, truths):
    splits = load(in_columns(tmp_path / f"t.{ending}", truths), labels=["red", "blue"])
    assert splits.spec.target == LabelsTarget(("red", "blue"))
    assert found(splits) == dict(enumerate([{"red"}, {"red"}, {"red", "blue"}, {"blue"}, set()] * 6))


@pytest.mark.parametrize("cell", ["2", "yes", "0.5", "1.0", "-1", "nan"])
def test_what_says_neither_yes_nor_no_is_told_with_its_line(load, tmp_path, cell):
    path = in_columns(tmp_path / "t.csv", [("1", "1"), ("0", "0"), ("1", cell)], repeats=1)
    with pytest.raises(
        DataError, match=rf"line 4: blue holds '{cell}'; a label's column holds 0 or 1, or false or true"
    ):
        load(path, labels=["red", "blue"])


def test_an_empty_cell_of_a_labels_column_is_no_answer(load, tmp_path):
    path = in_columns(tmp_path / "t.csv", [("1", "1"), ("", "0"), ("1", "0")], repeats=8)
    with pytest.raises(
        DataError, match=r"8 rows cannot be used:\n  line 3: red is empty; a label's column holds 0 or 1"
    ):
        load(path, labels=["red", "blue"])
    splits = load(path, labels=["red", "blue"], bad_rows="skip")
    assert len(found(splits)) == 16 and "8 rows left out (bad_rows: skip)" in splits.warnings[0]


@pytest.mark.parametrize("cell", [0.5, ["red"], {"red": 1}])
def test_a_cell_that_is_no_text_is_told_with_its_line(load, tmp_path, cell):
    path = write(tmp_path / "t.jsonl", ("body", "tags"), [("a", "red"), ("b", cell)])
    with pytest.raises(DataError, match="line 2: the label"):
        load(path)


def test_undecodable_bytes_in_labels_are_told_with_their_line(load, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"body,tags\na,red;blue\nb,r\xe9d;blue\n")
    with pytest.raises(DataError, match=r"line 3: undecodable bytes \(0xe9\)"):
        load(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("cells", "words"), [([""], "no label at all"), (["red, blue"], "one label only, 'red, blue'")]
)
def test_fewer_than_two_labels_cannot_be_learned(load, tmp_path, cells, words):
    with pytest.raises(DataError, match=rf"tags holds {words}; there must be two or more.*labels_separator \(';'\)"):
        load(in_cells(tmp_path / "t.csv", cells))


def test_labels_that_training_cannot_tell_apart_are_warned_of(load, tmp_path):
    truths = [(1, 0), (1, 0), (1, 0)]
    never_two = load(in_columns(tmp_path / "t.csv", truths), labels=["red", "blue"])
    path = tmp_path / "t.csv"
    assert list(never_two.warnings) == [
        f"{path}: nothing can be learned of labels that no training sample has: blue",
        f"{path}: nothing can be learned of labels that all training samples have: red",
        f"{path}: no training sample has more than one label; one class a sample is for trainer: classifier",
    ]


def test_splits_are_fractions_that_depend_on_the_split_seed_alone(load, tmp_path):
    path = in_cells(tmp_path / "t.csv", repeats=25)
    first, again, other = load(path), load(path), load(path, split_seed=1)
    assert [len(part) for part in (first.train, first.validation, first.test)] == [160, 20, 20]
    np.testing.assert_array_equal(first.test.index, again.test.index)
    assert set(first.test.index) != set(other.test.index)
    assert len(load(path, limit=7).train) == 7


def test_labels_are_counted_in_each_split(load, tmp_path):
    splits = load(in_cells(tmp_path / "t.csv"))
    counts = splits.spec.target.counts(splits.train.targets)
    assert counts == {name: sum(name in labels for row, labels in found(splits).items() if row in splits.train.index)
                      for name in NAMES}  # fmt: skip
