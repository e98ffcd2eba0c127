"""Samples of numbers that are labelled with numbers: npz arrays and Parquet columns, and what a config says of them."""

import json

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 5, 2))
Y = RANDOM.normal(50, 10, size=(30, 2))


def parts(splits):
    return (splits.train, splits.validation, splits.test)


@pytest.fixture
def load(locations, tmp_path):
    """Loads an npz file of these arrays."""

    def loaded(arrays, **fields):
        np.savez(tmp_path / "s.npz", **arrays)
        return Sequences(path=tmp_path / "s.npz", **{"targets": "y", **fields}).load(locations)

    return loaded


def test_a_matrix_has_a_target_a_column(load):
    splits = load({"x": X, "y": Y})
    assert splits.spec.target.names == ("y_1", "y_2")
    assert [len(part) for part in parts(splits)] == [18, 6, 6]
    for part in parts(splits):
        assert part.targets.dtype == np.float64
        np.testing.assert_array_equal(part.targets, Y[part.index])


@pytest.mark.parametrize("y", [Y[:, 0], Y[:, 0].round().astype(np.int64), Y[:, 0].astype(np.float32)])
def test_an_array_of_a_number_a_sample_is_one_target(load, y):
    splits = load({"x": X, "y": y})
    assert splits.spec.target.names == ("y",)
    np.testing.assert_array_equal(splits.test.targets, y[splits.test.index, None].astype(np.float64))
    assert splits.spec.target.offset == pytest.approx([y[splits.train.index].mean(dtype=float)])


def test_the_files_own_splits_are_kept(load):
    halves = {"x_train": X[:20], "y_train": Y[:20], "x_test": X[20:], "y_test": Y[20:]}
    splits = load(halves)
    np.testing.assert_array_equal(splits.test.targets, Y[20:][splits.test.index])
    assert sorted([*splits.train.index, *splits.validation.index]) == list(range(20))


def changed(y, place, value):
    y = y.copy()
    y[place] = value
    return y


FAULTS = {
    "nan": (changed(Y, (3, 1), np.nan), r"x\[3\]: y_2: nan is no finite number"),
    "infinity": (changed(Y, (3, 0), np.inf), r"x\[3\]: y_1: inf is no finite number"),
    "truth": (Y[:, 0] > 50, r"x\[0\]: y: (True|False) is a boolean, not a number"),
    "words": (np.array(["a"] * 30), r"x\[0\]: y: 'a' is no number"),
    "too few": (Y[:20], r"y is \(20, 2\) float64; the labels of x are \(30,\), or \(30, columns\)"),
    "a cube": (np.ones((30, 2, 2)), r"y is \(30, 2, 2\)"),
    "none": (np.ones((30, 0)), "y holds no number of a sample"),
    "too large": (np.resize([1.7e308, -1.7e308], 30), "the numbers of y are too large to be scaled"),
}


@pytest.mark.parametrize(("y", "fault"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_number_of_a_sample_is_told(load, y, fault):
    with pytest.raises(DataError, match=fault):
        load({"x": X, "y": y})


def test_halves_must_have_as_many_columns(load):
    halves = {"x_train": X[:20], "y_train": Y[:20], "x_test": X[20:], "y_test": Y[20:, :1]}
    with pytest.raises(DataError, match="unequal numbers of columns: y_train 2, y_test 1"):
        load(halves)


# --- Parquet ----------------------------------------------------------------------------------------------------------


def rows_of_samples():
    return pd.DataFrame({"a": [*X[..., 0]], "b": [*X[..., 1]], "price": Y[:, 0], "age": Y[:, 1]})


def rows_of_steps():
    frame = pd.DataFrame({"id": np.repeat(np.arange(30), 5), "a": X[..., 0].ravel(), "b": X[..., 1].ravel()})
    return frame.assign(price=np.repeat(Y[:, 0], 5), age=np.repeat(Y[:, 1], 5))


@pytest.mark.parametrize(
    ("frame", "fields"), [(rows_of_samples(), {}), (rows_of_steps(), {"sample": "id"})], ids=["samples", "steps"]
)
@pytest.mark.parametrize("targets", ["price", ["price", "age"]], ids=["one", "two"])
def test_columns_of_a_table_are_targets_and_no_features(load_table, frame, fields, targets):
    names = [targets] if isinstance(targets, str) else targets
    others = [name for name in ("price", "age") if name not in names]
    splits = load_table(frame.drop(columns=others), targets=targets, **fields)
    assert splits.spec.target.names == tuple(names)
    assert splits.spec.values.features == ("a", "b")
    for part in parts(splits):
        np.testing.assert_array_equal(part.targets, Y[part.index, : len(names)])


def test_a_number_that_changes_within_a_sample_is_told(load_table):
    frame = rows_of_steps()
    frame.loc[7, "price"] += 1
    with pytest.raises(DataError, match=r"id '?1'?: the label changes within the sample"):
        load_table(frame, sample="id", targets="price")


def test_an_empty_cell_is_told_with_its_row(load_table):
    frame = rows_of_samples()
    frame.loc[4, "age"] = None
    with pytest.raises(DataError, match="row 5: age: nan is no finite number"):
        load_table(frame, targets=["price", "age"])


# --- what a config says -----------------------------------------------------------------------------------------------


@pytest.fixture
def problems(tmp_path, told_of):
    def problems(trainer="regressor", path="s.npz", architecture="lstm", **fields):
        np.savez(tmp_path / "s.npz", x=X, y=Y)
        dataset = {"name": "sequences", "path": path, **fields}
        config = {"name": "x", "dataset": dataset, "architecture": architecture, "trainer": trainer}
        (tmp_path / "x.yaml").write_text(json.dumps(config))
        return told_of(tmp_path / "x.yaml")

    return problems


@pytest.mark.parametrize("architecture", ["lstm", "conv_rnn", "transformer", "linear", "dense", "wavenet"])
def test_whatever_answers_once_can_learn_numbers(problems, architecture):
    assert problems(targets="y", architecture=architecture, max_len=30, features=["a", "b"]) == {}


CANNOT_WORK = {
    "no array": ({}, "dataset.targets", "required by this trainer: the npz array that holds the numbers"),
    "no column": ({"path": "s.parquet"}, "dataset.targets", "the column or columns that hold the numbers"),
    "another trainer": (
        {"trainer": "autoencoder", "architecture": "lstm_autoencoder", "targets": "y"},
        "dataset.targets",
        "names what trainer regressor predicts; this trainer learns dataset.labels",
    ),
    "labels too": ({"targets": "y", "labels": "y"}, "dataset.labels", "learns numbers, no labels"),
    "an array that is not there": ({"targets": "z"}, "dataset.targets", "s.npz: no array 'z'; there are x, y"),
    "a list of arrays": ({"targets": ["y"]}, "dataset.targets", "the name of an array"),
    "of steps": ({"targets": "y", "label_each": "step"}, "dataset.label_each", "this trainer needs sample"),
    "a feature": (
        {"path": "s.parquet", "targets": ["a"], "features": ["a", "b"]},
        "dataset.targets",
        "'a' is dataset.features already",
    ),
    "a network that forecasts": (
        {"targets": "y", "architecture": "dlinear"},
        "architecture.name",
        "it is for forecasting, but the trainer is for regression",
    ),
}


@pytest.mark.parametrize(("fields", "key", "told"), CANNOT_WORK.values(), ids=CANNOT_WORK)
def test_what_cannot_work_is_told_before_the_run(problems, fields, key, told):
    assert told in problems(**fields)[key]
