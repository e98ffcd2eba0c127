"""What is wrong with a config of several labels a sample is told before anything runs, each with what would mend it."""

from __future__ import annotations

import json

import numpy as np
import pytest

TEXT = {"name": "text", "path": "t.csv", "text": "body"}
CELL = {"label": "tags", "labels_separator": ";"}
NPZ = {"name": "sequences", "path": "s.npz", "labels": "y"}
PARQUET = {"name": "sequences", "path": "s.parquet", "labels": ["a", "b"]}


@pytest.fixture
def problems(tmp_path, told_of):
    """problems({"path": ...}): what is wrong with that dataset, as {dotted key: message}."""
    (tmp_path / "t.csv").write_text("body,tags,a,b\n")
    (tmp_path / "folder" / "red").mkdir(parents=True)
    np.savez(tmp_path / "s.npz", x=np.zeros((4, 3, 1)), y=np.zeros((4, 2)))

    def problems(dataset, trainer="multilabel", architecture="lstm"):
        config = tmp_path / "config.yaml"
        config.write_text(json.dumps({"dataset": dataset, "architecture": architecture, "trainer": trainer}))
        return told_of(config)

    return problems


@pytest.mark.parametrize(
    ("dataset", "architecture"),
    [
        ({**TEXT, **CELL}, "lstm"),
        ({**TEXT, **CELL}, "bag_of_words"),
        ({**TEXT, "labels": ["a", "b"]}, "transformer"),
        (NPZ, "gru"),
        ({**NPZ, "label_names": ["a", "b"]}, "dense"),
        (PARQUET, "conv_rnn"),
    ],
)
def test_every_way_to_name_labels_is_valid(problems, dataset, architecture):
    assert problems(dataset, architecture=architecture) == {}


@pytest.mark.parametrize(
    ("dataset", "trainer", "expected"),
    [
        ({**TEXT, "label": "tags"}, "multilabel", {"labels_separator": "required by this trainer"}),
        (TEXT, "multilabel", {"label": "required: the column of t.csv"}),
        ({**TEXT, **CELL}, "classifier", {"labels_separator": "leave it out, or set trainer: multilabel"}),
        (
            {**TEXT, "labels": ["a", "b"]},
            "classifier",
            {"labels": "leave it out, or set trainer: multilabel"},
        ),
        ({**TEXT, **CELL, "labels": ["a", "b"]}, "multilabel", {"labels": "cannot stand beside dataset.label"}),
        ({**TEXT, "labels": ["a", "b"], "labels_separator": ";"}, "multilabel",
         {"labels_separator": "has no column dataset.label"}),
        ({**TEXT, "labels": ["a", "bb"]}, "multilabel", {"labels.1": "no column 'bb' (did you mean b?)"}),
        ({**TEXT, "labels": ["a", "a"]}, "multilabel", {"labels.1": "'a' stands there twice"}),
        ({**TEXT, "labels": ["a", "body"]}, "multilabel", {"labels.1": "'body' is the text column already"}),
        ({**TEXT, "labels": ["a"]}, "multilabel", {"labels": "must name two labels or more"}),
        ({**TEXT, **CELL, "labels_separator": ""}, "multilabel", {"labels_separator": "at least 1 character"}),
        ({"name": "text", "path": "folder"}, "multilabel", {"path": "each text is of one class"}),
        ({"name": "text", "path": "folder", "labels": ["a", "b"]}, "classifier", {"path": "need a table (.csv, .tsv"}),
        ({**NPZ, "label_each": "step"}, "multilabel", {"label_each": "step is for the tagger"}),
        ({**NPZ, "label_names": ["a", "b"]}, "classifier", {"label_names": "for the trainer multilabel"}),
        ({**NPZ, "labels": "z"}, "multilabel", {"labels": "no array 'z'"}),
        ({**NPZ, "labels": ["y", "x"]}, "multilabel", {"labels": "a list is for the columns of a Parquet file"}),
        ({**NPZ, "label_names": ["a", "a"]}, "multilabel", {"label_names.1": "'a' stands there twice"}),
        ({**PARQUET, "label_names": ["a", "b"]}, "multilabel", {"label_names": "names the columns of an npz array"}),
        ({**PARQUET, "labels": "a"}, "multilabel", {"labels": "this trainer needs a list"}),
        ({**PARQUET, "labels": ["a"]}, "multilabel", {"labels": "at least 2 items"}),
        (PARQUET, "classifier", {"labels": "several labels a sample: set trainer: multilabel"}),
        ({**PARQUET, "labels": ["a", "a"]}, "multilabel", {"labels": "'a' is in dataset.labels already"}),
        ({**PARQUET, "features": ["b", "c"]}, "multilabel", {"labels": "'b' is in dataset.features already"}),
        ({**PARQUET, "label_each": "step"}, "tagger", {"label_each": "step wants one column"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_what_would_mend_it(problems, dataset, trainer, expected):
    found = problems(dataset, trainer)
    assert found.keys() == {f"dataset.{key}" for key in expected}
    for key, words in expected.items():
        assert words in found[f"dataset.{key}"]


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ({"name": "waves"}, "it is for multilabel, but the dataset is for forecasting"),
        ({"name": "imdb"}, "it is for multilabel, but the dataset is for classification"),
    ],
)
def test_other_datasets_have_no_such_samples(problems, dataset, words):
    assert words in problems(dataset)["trainer.name"]


def test_what_is_monitored_must_be_written(problems):
    watching = {"name": "multilabel", "early_stopping": {"monitor": "val_micro_f1"}}
    assert problems({**TEXT, **CELL}, watching) == {}
    watching["early_stopping"]["monitor"] = "val_accuracy"
    assert (
        "this trainer writes no 'val_accuracy'"
        in problems({**TEXT, **CELL}, watching)["trainer.early_stopping.monitor"]
    )
