"""Texts that are labelled with numbers: what is read, what cannot be, and what a config says of them."""

import csv
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seqrun.components.targets import NumbersTarget
from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

ROWS = [(f"text number {i}", 100.25 + 3 * i, i % 7) for i in range(50)]
HEADER = ("body", "price", "stars")


def write_csv(path, rows=ROWS):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def write_jsonl(path, rows=ROWS):
    path.write_text("\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in rows))


def write_parquet(path, rows=ROWS):
    pd.DataFrame(rows, columns=HEADER).to_parquet(path)


WRITERS = {"t.csv": write_csv, "t.jsonl": write_jsonl, "t.parquet": write_parquet}


@pytest.fixture
def load(locations, tmp_path):
    def loaded(rows=ROWS, name="t.csv", **fields):
        WRITERS[name](tmp_path / name, rows)
        named = fields if "target" in fields or "targets" in fields else {**fields, "targets": ["price", "stars"]}
        return Text(path=tmp_path / name, text="body", **named).load(locations)

    return loaded


def parts(splits):
    return (splits.train, splits.validation, splits.test)


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_numbers_of_the_file(load, name):
    splits = load(name=name)
    assert [len(part) for part in parts(splits)] == [40, 5, 5]
    for part in parts(splits):
        assert part.targets.dtype == np.float64
        np.testing.assert_array_equal(part.targets, np.array([ROWS[i][1:] for i in part.index], float))


def test_they_are_standardised_on_the_training_split_alone(load):
    splits = load()
    target, train = splits.spec.target, splits.train.targets
    assert isinstance(target, NumbersTarget)
    assert target.names == ("price", "stars")
    np.testing.assert_allclose([target.offset, target.scale], [train.mean(axis=0), train.std(axis=0)], rtol=1e-12)
    scaled = target.scaled(train)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose([scaled.mean(axis=0), scaled.std(axis=0)], [[0, 0], [1, 1]], atol=1e-6)
    np.testing.assert_allclose(target.original(scaled), train, rtol=1e-6, atol=1e-6)


def test_one_column_is_a_target_of_one_number(load):
    splits = load(target="stars")
    assert splits.spec.target.names == ("stars",)
    assert splits.train.targets.shape == (40, 1)


def test_a_target_that_is_the_same_in_all_training_samples_is_only_moved(load):
    rows = [(text, 7.5, stars) for text, _, stars in ROWS]
    assert load(rows).spec.target.scale[0] == 1
    assert load(rows).spec.target.offset[0] == 7.5


def test_prepared_data_are_the_same_again(tmp_path, locations):
    write_csv(tmp_path / "t.csv")
    dataset = Text(path=tmp_path / "t.csv", text="body", targets=["price", "stars"])
    first, again = (dataset.load(replace(locations, cache=tmp_path / "cache")) for _ in range(2))
    assert again.spec.target == first.spec.target
    np.testing.assert_array_equal(again.test.targets, first.test.targets)


def test_the_draw_depends_on_split_seed_alone(load):
    one, again, other = load(), load(), load(split_seed=1)
    np.testing.assert_array_equal(one.test.index, again.test.index)
    assert set(one.test.index) != set(other.test.index)


FAULTY = {
    "": "price: no number",
    "nan": "price: nan is no finite number",
    "inf": "price: inf is no finite number",
    "1e999": "price: inf is no finite number",
    "12 EUR": "price: '12 EUR' is no number",
    "1_000": "price: '1_000' is no number",
    "True": "price: 'True' is no number",
}


@pytest.mark.parametrize(("cell", "fault"), FAULTY.items(), ids=[*FAULTY])
def test_a_cell_that_is_no_number_is_told_with_its_line(load, cell, fault):
    rows = [*ROWS[:3], ("text", cell, 1), *ROWS[3:]]
    with pytest.raises(DataError, match=f"1 row cannot be used:\n  line 5: {fault}\nmend them, or .*bad_rows: skip"):
        load(rows)
    splits = load(rows, bad_rows="skip")
    assert sum(map(len, parts(splits))) == len(ROWS)
    assert 3 not in {i for part in parts(splits) for i in part.index}
    assert "1 row left out (bad_rows: skip)" in splits.warnings[0]


@pytest.mark.parametrize(
    ("value", "fault"),
    [(True, "True is a boolean, not a number"), (None, "no number"), ([1], r"'\[1\]' is no number")],
)
def test_json_values_of_other_kinds_are_no_numbers(load, value, fault):
    with pytest.raises(DataError, match=f"line 51: stars: {fault}"):
        load([*ROWS, ("text", 1, value)], name="t.jsonl")


def test_numbers_may_be_written_as_strings(load):
    rows = [(text, f" {price} ", str(stars)) for text, price, stars in ROWS]
    splits = load(rows, name="t.jsonl")
    np.testing.assert_array_equal(splits.test.targets, [ROWS[i][1:] for i in splits.test.index])


# --- what a config says -----------------------------------------------------------------------------------------------


@pytest.fixture
def problems(tmp_path, told_of):
    def problems(trainer="regressor", **fields):
        write_csv(tmp_path / "t.csv")
        dataset = {"name": "text", "path": "t.csv", "text": "body", **fields}
        config = {"name": "x", "dataset": dataset, "architecture": "bag_of_words", "trainer": trainer}
        (tmp_path / "x.yaml").write_text(json.dumps(config))
        return told_of(tmp_path / "x.yaml")

    return problems


def test_a_config_with_columns_of_numbers_is_valid(problems):
    assert problems(target="price") == {}
    assert problems(targets=["price", "stars"]) == {}


CANNOT_WORK = {
    "no column": ({}, "dataset.target", "required by this trainer: the column of t.csv that holds the number"),
    "another trainer": (
        {"trainer": "classifier", "label": "stars", "target": "price"},
        "dataset.target",
        "names what trainer regressor predicts; this trainer learns dataset.label",
    ),
    "a label too": ({"label": "stars", "target": "price"}, "dataset.label", "learns numbers, no labels"),
    "both ways": ({"target": "price", "targets": ["stars"]}, "dataset.targets", "not both"),
    "a column that is not there": ({"target": "prise"}, "dataset.target", r"no column 'prise' (did you mean price?)"),
    "one of several": ({"targets": ["price", "star"]}, "dataset.targets.1", "no column 'star' (did you mean stars?)"),
    "the text": ({"target": "body"}, "dataset.target", "'body' is dataset.text already"),
    "a column twice": ({"targets": ["price", "price"]}, "dataset.targets", "a name stands there twice"),
    "a folder": ({"path": "."}, "dataset.path", "is a folder, whose texts have no numbers; take a table"),
    "no columns": ({"targets": []}, "dataset.targets", "at least 1"),
    "a loss unknown": ({"trainer": {"name": "regressor", "loss": "mape"}, "target": "price"}, "trainer.loss", "mse"),
    "a level too high": (
        {"trainer": {"name": "regressor", "intervals": {"level": 1}}, "target": "price"},
        "trainer.intervals.level",
        "less than 1",
    ),
}


@pytest.mark.parametrize(("fields", "key", "told"), CANNOT_WORK.values(), ids=CANNOT_WORK)
def test_what_cannot_work_is_told_before_the_run(problems, fields, key, told):
    assert told in problems(**fields)[key]


def test_a_classifiers_config_still_wants_its_label(problems):
    assert "column of t.csv that holds the label" in problems(trainer="classifier")["dataset.label"]
