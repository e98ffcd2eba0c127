"""Samples of numbers with any number of labels each: an npz matrix, or Parquet columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqrun.components.targets import LabelsTarget
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError

COUNT, TIME = 40, 5
VALUES = np.random.default_rng(0).normal(size=(COUNT, TIME, 2))
TRUE = np.random.default_rng(1).random((COUNT, 3)) < [0.5, 0.3, 0.7]


@pytest.fixture
def load(tmp_path, locations):
    """load({"x": values, ...}, labels="y", ...): the splits of an npz file with these arrays."""

    def load(arrays, **fields):
        np.savez(tmp_path / "own.npz", **arrays)
        settings = {"labels": "y", **fields}
        return Sequences(path=tmp_path / "own.npz", **settings).load(locations)

    return load


def targets_of(splits):
    """(samples, labels) in the order of the file."""
    parts = (splits.train, splits.validation, splits.test)
    index = np.concatenate([part.index for part in parts])
    return np.concatenate([part.targets for part in parts])[np.argsort(index)]


@pytest.mark.parametrize("kind", [bool, int, float, np.uint8, object])
def test_each_column_of_a_matrix_is_a_label(load, kind):
    splits = load({"x": VALUES, "y": TRUE.astype(kind)})
    assert splits.spec.target == LabelsTarget(("label_0", "label_1", "label_2"))
    np.testing.assert_array_equal(targets_of(splits), TRUE)
    assert splits.train.targets.dtype == np.int32
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [24, 8, 8]


def test_labels_may_be_named(load):
    splits = load({"x": VALUES, "y": TRUE}, label_names=["a", "b", "c"])
    assert splits.spec.target.counts(TRUE) == dict(zip("abc", TRUE.sum(axis=0).tolist(), strict=True))


def test_the_files_own_splits_are_kept(load):
    halves = {"x_train": VALUES[:30], "x_test": VALUES[30:], "y_train": TRUE[:30], "y_test": TRUE[30:]}
    np.testing.assert_array_equal(load(halves).test.targets, TRUE[30:])


@pytest.mark.parametrize(
    ("labels", "fields", "words"),
    [
        (
            np.where(np.arange(COUNT)[:, None] == 3, 2, TRUE),
            {},
            r"x\[3\]: label_0 holds '2'; a label's column holds 0 or",
        ),
        (
            np.where(TRUE, 1.0, np.nan),
            {"label_names": ["a", "b", "c"]},
            "[abc] is empty; a label's column holds 0 or 1",
        ),
        (TRUE[:, 0], {"label_names": ["a", "b"]}, "y has one column; several labels a sample want two or more"),
        (TRUE, {"label_names": ["a", "b"]}, r"y has 3 columns, but dataset.label_names names 2"),
        (TRUE[:-1], {}, r"y is \(39, 3\) bool; the labels of x are"),
        (TRUE[..., None], {}, r"y is \(40, 3, 1\) bool"),
    ],
)
def test_what_cannot_be_read_is_told(load, labels, fields, words):
    with pytest.raises(DataError, match=words):
        load({"x": VALUES, "y": labels}, **fields)


def test_labels_that_training_cannot_learn_are_warned_of_once(load):
    splits = load(
        {"x": VALUES, "y": np.stack([np.ones(COUNT), np.zeros(COUNT), TRUE[:, 0]], 1)}, label_names=list("abc")
    )
    never, always = splits.warnings
    assert never.endswith("nothing can be learned of labels that no training sample has: b")
    assert always.endswith("nothing can be learned of labels that all training samples have: a")


def parquet(path, **columns):
    """A row a sample: two features of lists, and these columns of labels."""
    frame = pd.DataFrame({"u": list(VALUES[..., 0]), "v": list(VALUES[..., 1]), **columns})
    frame.to_parquet(path)
    return path


def test_parquet_has_a_column_a_label(tmp_path, locations):
    path = parquet(tmp_path / "t.parquet", c=TRUE[:, 2], a=TRUE[:, 0].astype(int), b=TRUE[:, 1].astype(float))
    splits = Sequences(path=path, labels=["a", "b", "c"]).load(locations)
    assert splits.spec.target == LabelsTarget(("a", "b", "c"))
    assert splits.spec.values.features == ("u", "v")
    np.testing.assert_array_equal(targets_of(splits), TRUE)


def test_a_cell_of_parquet_that_is_no_answer_is_told_with_its_row(tmp_path, locations):
    path = parquet(tmp_path / "t.parquet", a=TRUE[:, 0], b=["1"] * 6 + ["maybe"] + ["0"] * (COUNT - 7))
    with pytest.raises(DataError, match="row 7: b holds 'maybe'"):
        Sequences(path=path, labels=["a", "b"]).load(locations)


def test_labels_of_steps_that_make_a_sample_must_agree(tmp_path, locations):
    rows = {"who": np.repeat(np.arange(20), 4), "v": np.arange(80.0), "a": np.repeat(TRUE[:20, 0], 4)}
    b = np.repeat(TRUE[:20, 1], 4)
    pd.DataFrame({**rows, "b": b}).to_parquet(tmp_path / "t.parquet")
    splits = Sequences(path=tmp_path / "t.parquet", sample="who", labels=["a", "b"]).load(locations)
    np.testing.assert_array_equal(targets_of(splits), TRUE[:20, :2])
    b[5] = not b[5]
    pd.DataFrame({**rows, "b": b}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"who '1'.*the label changes within the sample"):
        Sequences(path=tmp_path / "t.parquet", sample="who", labels=["a", "b"]).load(locations)
