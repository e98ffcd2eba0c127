"""The labels of samples of numbers that differ only in form: told of, or merged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import ConfigError

VALUES = np.random.default_rng(0).normal(size=(40, 5, 2))
MERGE = {"Walk": "walk"}


@pytest.fixture
def load(tmp_path, locations):
    """load(array of labels, ...): the splits of an npz file with these labels."""

    def load(array, **fields):
        np.savez(tmp_path / "own.npz", x=VALUES, y=array)
        return Sequences(path=tmp_path / "own.npz", **{"labels": "y"} | fields).load(locations)

    return load


def labels_of(splits):
    parts = (splits.train, splits.validation, splits.test)
    return np.array(splits.spec.target.labels)[np.concatenate([part.targets for part in parts])]


def test_classes_are_told_and_merged(load):
    labels = np.array(["walk", "Walk", "run", "run"] * 10)
    assert "'Walk' (10), 'walk' (10) (in case)" in load(labels).warnings[0]
    splits = load(labels, labels={"names": "y", "merge": MERGE})
    assert sorted(labels_of(splits)) == ["run"] * 20 + ["walk"] * 20 and splits.warnings == ()
    with pytest.raises(ConfigError, match=r"labels\.merge\.sit: the data have no label 'sit'"):
        load(labels, labels={"names": "y", "merge": {"sit": "walk"}})


def test_labels_of_steps_are_told_and_merged(load):
    labels = np.array([["walk", "Walk", "run", "run", "run"]] * 40)
    told = load(labels, label_each="step").warnings[0]
    assert "'Walk' (40), 'walk' (40) (in case)" in told
    splits = load(labels, label_each="step", labels={"names": "y", "merge": MERGE})
    assert splits.spec.target.tags == ("run", "walk") and splits.warnings == ()
    assert (labels_of(splits) == [["walk", "walk", "run", "run", "run"]] * 40).all()


def test_columns_are_told_and_merged(load_table):
    rng = np.random.default_rng(1)
    truth = {name: rng.integers(0, 2, 40) for name in ("walk", "Walk", "run")}
    frame = pd.DataFrame({**{f"s{n}": rng.normal(size=40) for n in range(4)}, **truth})
    assert "in case" in load_table(frame, labels=[*truth]).warnings[0]
    splits = load_table(frame, labels={"names": [*truth], "merge": MERGE})
    assert splits.spec.target.names == ("walk", "run")
    parts = (splits.train, splits.validation, splits.test)
    found = np.concatenate([part.targets for part in parts])[np.argsort(np.concatenate([p.index for p in parts]))]
    np.testing.assert_array_equal(found[:, 0], truth["walk"] | truth["Walk"])
