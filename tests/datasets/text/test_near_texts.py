"""Texts that nearly equal one of another split, against the similarity of all pairs by hand."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from seqrun.datasets.text.near import FEWEST, NEAR, jaccard, near_pairs
from seqrun.datasets.text.text import Text

RNG = np.random.default_rng(0)
WORDS = ["".join(RNG.choice([*"abcdefghijklmnop"], RNG.integers(2, 9))) for _ in range(400)]


def stretches(text):
    return {text[place : place + 5] for place in range(len(text) - 4)}


def similarity(one, other):
    first, second = stretches(one), stretches(other)
    return len(first & second) / len(first | second)


def written(count, words):
    return [" ".join(RNG.choice(WORDS, words)) for _ in range(count)]


def changed(text, words):
    found = text.split()
    for place in RNG.choice(len(found), words, replace=False):
        found[place] = RNG.choice(WORDS)
    return " ".join(found)


def test_similarity_is_that_of_the_sets_of_stretches():
    for text in written(20, 15):
        other = changed(text, 3)
        assert jaccard(text, other) == pytest.approx(similarity(text, other))
    assert jaccard("日本語の文章です", "日本語の文章でした") == similarity("日本語の文章です", "日本語の文章でした")


def test_the_pairs_are_those_of_all_pairs_by_hand():
    others = written(150, 25)
    samples = [changed(text, number % 9) for number, text in enumerate(others[:90])] + written(60, 25)
    texts = [*others, *samples]
    found = {one: other for one, other, _ in near_pairs(texts, np.arange(150, 300), np.arange(150))}
    clear = 0
    for number, sample in enumerate(samples):
        best = max(similarity(sample, other) for other in others)
        if best >= NEAR + 0.05:  # MinHash finds almost all
            assert found[150 + number] == number
            clear += 1
        elif best < NEAR:  # and what it finds is verified
            assert 150 + number not in found
    assert clear > 25


def test_a_run_is_told_how_many_test_texts_are_near_and_of_which(tmp_path, locations):
    texts = written(60, 20)
    texts += [f"{text} indeed" for text in texts[:30]]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("body", "kind"), *((text, "ab"[n % 2]) for n, text in enumerate(texts))])
    splits = Text(path=tmp_path / "t.csv", text="body", label="kind", splits=[0.6, 0.2, 0.2]).load(locations)
    test, others = set(splits.test.index), {*splits.train.index, *splits.validation.index}
    twins = {n: n + 60 for n in range(30)} | {n + 60: n for n in range(30)}
    near = [row for row in test if twins.get(row) in others]
    [told] = splits.warnings
    assert [(leak.kind, leak.count, leak.of) for leak in splits.leaks] == [("near-equal samples", len(near), 18)]
    assert f"{len(near)} of 18 test texts nearly equal one of training or validation" in told
    assert all(f"row {row} is nearly row {twins[row]} (0.9" in told for row in sorted(near)[:3])
    assert splits.seen is None


def test_short_texts_are_not_judged(tmp_path, locations):
    with (tmp_path / "t.csv").open("w", newline="") as file:
        rows = ((f"reading number {n} of the meter", "ab"[n % 2]) for n in range(60))
        csv.writer(file).writerows([("body", "kind"), *rows])
    assert len("reading number 10 of the meter") < FEWEST
    assert Text(path=tmp_path / "t.csv", text="body", label="kind").load(locations).warnings == ()
