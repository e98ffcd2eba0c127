"""Samples that stand in more than one split, and equal ones with different labels, against sets by hand."""

from __future__ import annotations

import csv
import unicodedata

import numpy as np
import pytest

from seqrun.datasets.files.splits_file import read_splits, write_splits
from seqrun.datasets.samples.sequences import Sequences
from seqrun.datasets.tagged.conll import Conll
from seqrun.datasets.text.text import Text


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def seen_by_hand(splits, keys):
    """For each test sample whether its key, `keys` being by row, is one of training or validation."""
    others = {keys[row] for part in (splits.train, splits.validation) for row in part.index}
    return [keys[row] in others for row in splits.test.index]


@pytest.fixture
def load(tmp_path, locations):
    """load(texts, labels, ...): the splits of a CSV file."""

    def load(texts, labels, **fields):
        with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("body", "kind"), *zip(texts, labels, strict=True)])
        return Text(path=tmp_path / "t.csv", text="body", label="kind", **fields).load(locations)

    return load


def test_texts_in_two_splits_are_found_whatever_their_case_spaces_and_form(load):
    forms = (str, str.upper, lambda text: f" {text.replace(' ', '  ')}", lambda t: unicodedata.normalize("NFD", t))
    texts = [forms[n % 4](f"café number {n % 45 if n < 60 else n}") for n in range(100)]
    splits = load(texts, ["ab"[n % 45 % 2 if n < 60 else n % 2] for n in range(100)])
    expected = seen_by_hand(splits, [plain(text) for text in texts])
    assert splits.seen.tolist() == expected and 0 < sum(expected) < len(expected)
    assert splits.test.index[splits.unseen].tolist() == [
        row for row, there in zip(splits.test.index, expected, strict=True) if not there
    ]
    assert f"{sum(expected)} of {len(expected)} test texts also stand in training or validation" in splits.warnings[0]
    assert "(metrics.json has the metrics without)" in splits.warnings[0]
    leak = next(each for each in splits.leaks if each.split == "test")
    assert (leak.kind, leak.count, leak.of) == ("equal samples", sum(expected), len(expected))
    keys = [plain(text) for text in texts]
    learned = {keys[row] for row in splits.train.index}
    [known] = [each.count for each in splits.leaks if each.split == "validation"]
    assert known == sum(keys[row] in learned for row in splits.validation.index)


def test_texts_that_all_differ_are_not_told(load):
    splits = load([f"text {n}" for n in range(60)], "ab" * 30)
    assert splits.seen is None and splits.unseen is None and splits.warnings == () and splits.leaks == ()


def test_where_every_test_text_is_known_nothing_can_be_measured_without(load):
    splits = load([f"text {n % 6}" for n in range(120)], "ab" * 60)
    assert splits.seen.all() and splits.unseen is None
    assert "12 of 12 test texts" in splits.warnings[0] and "nothing to measure without them" in splits.warnings[0]
    assert "12 of 12 validation texts also stand in training" in splits.warnings[1]


def test_one_text_with_two_labels_is_told_with_its_rows(load):
    texts, labels = [f"text {n}" for n in range(60)], ["a", "b"] * 30
    texts[11], texts[30], texts[31] = "TEXT 4", "text 6", "text 6"
    told = [warning for warning in load(texts, labels).warnings if "different labels" in warning]
    assert len(told) == 1
    assert told[0].splitlines()[1:] == ["  row 4 is a, row 11 is b", "  row 30 is a, row 31 is b"]
    assert "2 texts with different labels" in told[0]


def test_equal_samples_of_numbers_are_told_with_their_places(tmp_path, locations):
    values = np.random.default_rng(0).normal(size=(40, 6, 2))
    values[20:] = values[:20]
    np.savez(tmp_path / "s.npz", x=values, y=np.arange(40) % 2)
    splits = Sequences(path=tmp_path / "s.npz", labels="y").load(locations)
    assert splits.seen.tolist() == seen_by_hand(splits, [*range(20), *range(20)])
    assert "test samples also stand in training or validation" in splits.warnings[0]
    assert "x[" in splits.warnings[0]


def test_equal_sentences_are_told(tmp_path, locations):
    sentences = [f"Word{n % 15} X\nand O" for n in range(30)]
    (tmp_path / "t.txt").write_text("\n\n".join(sentences))
    splits = Conll(path=tmp_path / "t.txt").load(locations)
    assert splits.seen.tolist() == seen_by_hand(splits, [*range(15), *range(15)])


def test_prepared_splits_keep_which_samples_are_seen(load, tmp_path):
    splits = load([f"text {n % 45}" for n in range(60)], ["ab"[n % 45 % 2] for n in range(60)])
    with (tmp_path / "kept.npz").open("xb") as file:
        write_splits(file, splits, {})
    again, _ = read_splits(tmp_path / "kept.npz")
    np.testing.assert_array_equal(again.seen, splits.seen)
    assert again.leaks == splits.leaks and splits.leaks
