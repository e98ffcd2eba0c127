"""The labels of texts as they stand in the file, and those that differ only in form."""

from __future__ import annotations

import csv
import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

NFC, NFD = "th\u00e9", "the\u0301"


def write(path, labels):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("body", "kind"), *((f"text {n}", label) for n, label in enumerate(labels))])
    return path


def counts(splits):
    """How many samples of all splits are of each class."""
    parts = (splits.train, splits.validation, splits.test)
    return Counter(splits.spec.target.labels[target] for part in parts for target in part.targets)


@pytest.fixture
def load(locations):
    return lambda path, **fields: Text(path=path, **{"text": "body", "label": "kind"} | fields).load(locations)


@pytest.mark.parametrize("labels", [("007", "7e1", "1.10"), ("NA", "None", "null"), ("true", "nan", "1e3")])
def test_labels_stand_as_they_are_written(load, tmp_path, labels):
    splits = load(write(tmp_path / "t.csv", labels * 10))
    assert counts(splits) == dict.fromkeys(labels, 10)
    assert splits.warnings == ()


def test_numbers_in_two_formats_are_two_classes_and_told(load, tmp_path):
    splits = load(write(tmp_path / "t.csv", ["1", "2.0", "2", "1.0", "2"] * 6))
    assert counts(splits) == {"1": 6, "1.0": 6, "2": 12, "2.0": 6}
    [told] = splits.warnings
    assert "'2' (12), '2.0' (6) (in the format of a number)" in told
    assert told.endswith("dataset.labels: {merge: {'1.0': '1', '2.0': '2'}}")


def test_merge_makes_them_one(load, tmp_path):
    path = write(tmp_path / "t.csv", ["1", "2.0", "2", "1.0", "2"] * 6)
    splits = load(path, labels={"merge": {"1.0": "1", "2.0": "2"}})
    assert counts(splits) == {"1": 12, "2": 18} and splits.warnings == ()


def test_both_unicode_forms_are_one_class(load, tmp_path):
    splits = load(write(tmp_path / "t.csv", [NFC, NFD, "mate"] * 8))
    assert counts(splits) == {NFC: 16, "mate": 8}
    assert r"'th\xe9' (8), 'the\u0301' (8)" in splits.warnings[0]


def test_a_rare_slip_of_case_is_named_where_it_ends_the_run(load, tmp_path):
    with pytest.raises(DataError, match=r"1 of 3 classes.*'SPORT' \(1\).*\n.*\n.*merge: \{SPORT: sport\}"):
        load(write(tmp_path / "t.csv", ["sport", "news"] * 10 + ["SPORT"]))


def test_folders_are_labels_too(load, tmp_path):
    for half, folders in (("train", (NFC, "MATE")), ("test", (NFD, "MATE", "mate"))):
        for folder in folders:
            (tmp_path / half / folder).mkdir(parents=True)
            for number in range(12):
                (tmp_path / half / folder / f"{number}.txt").write_text(f"text {number}")
    columns = {"text": None, "label": None}
    with pytest.raises(DataError, match="only one has test/mate"):
        load(tmp_path, **columns)
    splits = load(tmp_path, **columns, labels={"merge": {"mate": "MATE"}})
    assert counts(splits) == {NFC: 24, "MATE": 36}
    assert splits.warnings[0].startswith(f"{tmp_path}: labels that differ only in Unicode form")


def test_labels_in_one_cell_are_merged(load, tmp_path):
    path = write(tmp_path / "t.csv", ["red;RED", "blue", "RED; blue"] * 5)
    assert "'RED' (10), 'red' (5) (in case)" in load(path, labels_separator=";").warnings[0]
    splits = load(path, labels_separator=";", labels={"merge": {"RED": "red"}})
    assert splits.spec.target.names == ("blue", "red")
    every = np.concatenate([part.targets for part in (splits.train, splits.validation, splits.test)])
    assert every.sum(axis=0).tolist() == [10, 10]


def test_columns_of_one_label_are_merged(load, tmp_path):
    rows = [{"body": f"t {n}", "Red": n % 2, "red": n % 3 == 0, "blue": 1 - n % 2} for n in range(30)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    names = ["Red", "red", "blue"]
    splits = load(tmp_path / "t.jsonl", label=None, labels={"names": names, "merge": {"Red": "red"}})
    assert splits.spec.target.names == ("red", "blue")
    found = {
        row: target.tolist()
        for part in (splits.train, splits.validation, splits.test)
        for row, target in zip(part.index.tolist(), part.targets, strict=True)
    }
    assert found == {n: [int(n % 2 or n % 3 == 0), 1 - n % 2] for n in range(30)}


def problems(tasks, **fields):
    experiment = SimpleNamespace(trainer=SimpleNamespace(tasks=frozenset({tasks})))
    dataset = Text(**{"path": "t.csv", "text": "body"} | fields)
    return {".".join(map(str, each.path)): each.message for each in dataset.problems(experiment)}


def test_a_merging_is_checked_before_the_run():
    merge = {"A": "a"}
    assert problems("classification", label="kind", labels={"merge": merge}) == {}
    assert problems("multilabel", labels={"names": ["a", "A"], "merge": merge}) == {}
    assert problems("multilabel", labels={"names": ["a"], "merge": merge}) == {
        "dataset.labels.names": "must name two labels or more; one is for label, with trainer: classifier"
    }
    assert problems("regression", target="y", labels={"merge": merge}) == {
        "dataset.labels.merge": "this trainer learns numbers, no labels; leave it out"
    }
    with pytest.raises(ValidationError, match="'A' becomes 'a', which becomes 'b': name the last one"):
        Text(path="t.csv", labels={"merge": {"A": "a", "a": "b"}})


@pytest.mark.parametrize(
    "merge",
    [{"A": "a ", "a": "b"}, {"A": "b", " A": "c"}, {"A": ""}, {" ": "a"}, {NFD: "x", "y": NFC}],
    ids=["chain", "two", "into nothing", "nothing", "forms"],
)
def test_a_merging_is_of_labels_as_they_are_read(merge):
    with pytest.raises(ValidationError):
        Text(path="t.csv", labels={"merge": merge})


def test_the_hint_of_labels_that_are_not_seen_can_be_copied(load, tmp_path):
    labels = ("ab", "a\u200bb", "c\u00a01", "c1") * 6
    path = write(tmp_path / "t.csv", labels)
    (told,) = (warning for warning in load(path).warnings if "merge" in warning)
    merge = yaml.safe_load(told.partition("dataset.labels: ")[2])["merge"]
    assert merge == {"a\u200bb": "ab", "c\u00a01": "c1"}
    assert told.isascii()
