"""NB-SVM is what scikit-learn's counts, the paper's formula and scikit-learn's logistic regression come to."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from commands import run_command
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits
from seqrun.components.targets import ClassTarget, LabelsTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.components.whole import WholeTexts
from seqrun.datasets.text.encoding import Ragged
from seqrun.datasets.text.whole import spelled
from seqrun.errors import UsageError
from seqrun.tasks.classification import nbsvm as module
from seqrun.tasks.classification.nbsvm import nbsvm
from seqrun.tasks.classification.ngrams import presence

COUNTS = (60, 20, 30)  # of training, validation and test samples
TWO, THREE = ("negative", "positive"), ("a", "b", "c")


def texts(targets, seed):
    """Texts of 1 to 30 words, some of which are more frequent in some classes."""
    random = np.random.default_rng(seed)
    return [
        " ".join(
            f"hint{target}" if random.random() < 0.15 else f"word{random.integers(12)}"
            for _ in range(random.integers(1, 30))
        )
        for target in targets
    ]


def splits_of(written, targets, target):
    """Splits of these texts; of them the network sees one token."""
    numbered = spelled([text for part in written for text in part])
    ends = np.cumsum([0, *map(len, written)])
    starts = np.concatenate([[0], np.cumsum(numbered.lengths)])
    parts = [
        Ragged(numbered.values[starts[first] : starts[end]], numbered.lengths[first:end])
        for first, end in pairwise(ends)
    ]
    split = [Split(np.full((len(y), 1), 3, np.int32), y, np.arange(len(y))) for y in targets]
    return Splits(Spec((1,), target, Vocabulary(50, None)), *split, whole=lambda: WholeTexts(*parts))


def of_classes(classes, seed=0):
    random = np.random.default_rng(seed)
    targets = [random.integers(0, len(classes), count).astype(np.int32) for count in COUNTS]
    written = [texts(part, seed + number) for number, part in enumerate(targets)]
    return written, targets, splits_of(written, targets, ClassTarget(classes))


def expected_sides(written, side):
    """The probability of one side for validation and test, from the texts, step by step as the paper has it."""
    counter = CountVectorizer(analyzer="word", token_pattern=r"\S+", ngram_range=(1, 3), binary=True)
    train = counter.fit_transform(written[0]).toarray().astype(float)
    p, q = 1 + train[side].sum(axis=0), 1 + train[~side].sum(axis=0)
    r = np.log((p / p.sum()) / (q / q.sum()))
    model = LogisticRegression(C=1.0, solver="liblinear", dual=True, random_state=0, max_iter=1000).fit(train * r, side)
    w = model.coef_[0]
    mixed, bias = 0.75 * np.abs(w).mean() + 0.25 * w, 0.25 * model.intercept_[0]
    rows = [counter.transform(part).toarray() * r for part in written[1:]]
    return [1 / (1 + np.exp(-(part @ mixed + bias) / 0.25)) for part in rows]


def quiet(**fields):
    return Session(0, lambda event: None, **fields)


def test_stretches_are_those_that_scikit_learn_finds():
    written, _, splits = of_classes(TWO)
    whole = splits.whole()
    found = presence([whole.train, whole.validation, whole.test], 3)
    counter = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 3), binary=True).fit(written[0])
    expected = [counter.transform(part) for part in written]
    assert [table.shape for table in found] == [table.shape for table in expected]
    for table, other in zip(found, expected, strict=True):  # the columns are in another order: compare what texts share
        np.testing.assert_array_equal((table @ found[0].T).toarray(), (other @ expected[0].T).toarray())


def test_of_two_classes_it_is_the_papers_formula():
    written, targets, splits = of_classes(TWO)
    for found, second in zip(nbsvm(splits, quiet()), expected_sides(written, targets[0] == 1), strict=True):
        np.testing.assert_allclose(found, np.stack([1 - second, second], axis=1), atol=0.01)
        assert (found[:, 1] > 0.5).mean() > 0.2


def test_of_three_classes_each_has_a_model_against_the_others():
    written, targets, splits = of_classes(THREE)
    sides = [expected_sides(written, targets[0] == number) for number in range(3)]
    for found, *each in zip(nbsvm(splits, quiet()), *sides, strict=True):
        expected = np.stack(each, axis=1)
        np.testing.assert_allclose(found, expected / expected.sum(axis=1, keepdims=True), atol=0.01)
    assert (found.argmax(axis=1) == targets[2]).mean() > 0.6


def test_of_several_labels_each_has_a_model_and_one_that_all_have_is_certain():
    written, targets, _ = of_classes(TWO)
    several = [np.stack([part, 1 - part, np.ones_like(part)], axis=1) for part in targets]
    found = nbsvm(splits_of(written, several, LabelsTarget(("one", "other", "always"))), quiet())
    for part, first, second in zip(
        found, expected_sides(written, targets[0] == 1), expected_sides(written, targets[0] == 0), strict=True
    ):
        np.testing.assert_allclose(part, np.stack([first, second, np.ones_like(first)], axis=1), atol=0.01)


def test_of_very_many_words_texts_are_drawn(monkeypatch):
    *_, splits = of_classes(TWO)
    monkeypatch.setattr(module, "MOST_WORDS", 200)
    told = []
    monkeypatch.setattr(module.ngrams, "presence", lambda groups, n: told.append(groups[0]) or presence(groups, n))
    _, test = nbsvm(splits, quiet())
    assert 150 < told[0].lengths.sum() <= 200
    assert test.shape == (COUNTS[2], 2)


def test_it_is_computed_once_for_the_same_texts_and_labels(tmp_path, monkeypatch):
    _, targets, splits = of_classes(TWO)
    lines = []
    session = Session(0, lambda event: lines.append(event.line()), cache=tmp_path / "cache")
    first = nbsvm(splits, session)
    with monkeypatch.context() as patched:
        patched.setattr(module.ngrams, "presence", None)  # computing again would fail
        again = nbsvm(splits, session)
    np.testing.assert_array_equal(first[1], again[1])
    assert any("as computed for an earlier run" in line for line in lines)
    other = replace(splits, train=replace(splits.train, targets=1 - targets[0]))
    assert not np.allclose(nbsvm(other, session)[1], first[1])


def test_an_entry_that_is_damaged_is_computed_again(tmp_path):
    _, _, splits = of_classes(TWO)
    lines = []
    session = Session(0, lambda event: lines.append(event.line()), cache=tmp_path)
    first = nbsvm(splits, session)
    [entry] = tmp_path.glob("*.npz")
    entry.write_bytes(entry.read_bytes()[:-30])
    np.testing.assert_array_equal(nbsvm(splits, session)[1], first[1])
    assert any("is damaged and made anew" in line for line in lines)


def test_samples_that_are_no_texts_are_refused():
    _, _, splits = of_classes(TWO)
    with pytest.raises(UsageError, match=r"trainer\.baselines: nbsvm reads whole texts"):
        nbsvm(replace(splits, whole=None), quiet())


def test_a_dataset_without_texts_is_told_before_the_run(tmp_path):
    config = {"dataset": "mnist", "architecture": "lstm", "trainer": {"name": "classifier", "baselines": ["nbsvm"]}}
    (tmp_path / "own.yaml").write_text(json.dumps(config))
    told = run_command("validate", tmp_path / "own.yaml", "--no-data", code=2).output
    assert "trainer.baselines" in told
    assert "nbsvm reads whole texts, which the dataset mnist does not have" in told


@pytest.mark.parametrize("trainer", ["classifier", "multilabel"])
def test_a_baseline_that_there_is_not_is_told_with_those_there_are(tmp_path, trainer):
    config = {"dataset": "imdb", "architecture": "lstm", "trainer": {"name": trainer, "baselines": ["nbsvn"]}}
    (tmp_path / "own.yaml").write_text(json.dumps(config))
    told = run_command("validate", tmp_path / "own.yaml", "--no-data", code=2).output
    assert "nbsvn" in told
    assert "nbsvm" in told
