"""How many samples of each class, label, tag or series there are in each split."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from seqrun.components import NO_TAG, ClassTarget, LabelsTarget, NumbersTarget, Spec, Split, Splits, TagTarget
from seqrun.components.counts import SPLITS, Counts
from seqrun.components.locations import Locations
from seqrun.datasets.files.splits_file import read_splits, write_splits
from seqrun.datasets.series.series import Series

RNG = np.random.default_rng(0)


def splits(target, draw, sizes=(30, 8, 9)):
    parts = [Split(np.ones((size, 4), np.int32), draw(size), np.arange(size)) for size in sizes]
    return Splits(Spec((4,), target), *parts)


def test_classes_are_counted_by_samples():
    found = splits(ClassTarget(("neg", "pos")), lambda size: RNG.integers(0, 2, size))
    counts = Counts.of(found)
    for name in SPLITS:
        drawn = Counter(getattr(found, name).targets.tolist())
        assert counts.splits[name] == {"neg": drawn[0], "pos": drawn[1]}
    assert str(counts).startswith("2 classes (samples in train / validation / test): neg ")


def test_labels_are_counted_by_samples_and_tags_by_steps():
    labels = splits(LabelsTarget(("a", "b")), lambda size: np.tile([1, 0], (size, 1)))
    assert Counts.of(labels).splits["test"] == {"a": 9, "b": 0}
    tags = splits(TagTarget(("O", "X")), lambda size: np.tile([0, 1, 1, NO_TAG], (size, 1)))
    assert str(Counts.of(tags)) == "2 tags (steps in train / validation / test): O 30 / 8 / 9, X 60 / 16 / 18"


def test_numbers_have_no_counts():
    numbers = splits(NumbersTarget(("y",), (0.0,), (1.0,)), lambda size: RNG.normal(size=(size, 1)))
    assert Counts.of(numbers) is None


def test_long_lists_are_cut():
    many = splits(ClassTarget(tuple("abcdefghijklm")), lambda size: RNG.integers(0, 13, size))
    text = str(Counts.of(many))
    assert "j " in text and "k " not in text and text.endswith(" and 3 more")


@pytest.fixture
def series(tmp_path):
    """The splits of a file with a series of 100 rows, north, and one of 60, south."""
    rows = [("north", n, float(n % 7)) for n in range(100)] + [("south", n, float(n % 5)) for n in range(60)]
    pd.DataFrame(rows, columns=["id", "t", "y"]).to_csv(tmp_path / "s.csv", index=False)
    dataset = Series(
        path=tmp_path / "s.csv", time="t", series_id="id", targets=["y"], features=["y"], lookback=8, horizon=2
    )
    return dataset.load(Locations(None, lambda event: None))


def test_series_are_counted_by_windows(series, tmp_path):
    counts = Counts.of(series)
    rows = {"train": (60, 36), "validation": (20, 12), "test": (20, 12)}
    for name in SPLITS:
        assert [*counts.splits[name].values()] == [row - 10 + 1 for row in rows[name]]
    assert counts.plural == "series" and "windows in train" in str(counts)
    with (tmp_path / "kept.npz").open("xb") as file:
        write_splits(file, series, {})
    assert Counts.of(read_splits(tmp_path / "kept.npz")[0]) == counts


def test_what_is_recorded_is_read_back():
    counts = Counts("class", {name: {"a": 1, "b": 2} for name in SPLITS})
    assert Counts.recorded({"counts": counts.record()}) == counts
    assert Counts.recorded({}) is None
