"""Stratified draws: complete, disjoint, in proportion, and the same for the same seed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqrun.datasets.shared.partition import draw, partition


@given(st.lists(st.integers(0, 3), min_size=12, max_size=80), st.integers(0, 5), st.integers(0, 5), st.integers(0, 9))
def test_every_sample_is_in_exactly_one_split(labels, test, validation, seed):
    parts = partition(np.array(labels), seed=seed, validation=validation, test=test)
    assert (len(parts.validation), len(parts.test)) == (validation, test)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(len(labels)))


def test_classes_keep_their_shares_as_in_scikit_learn():
    from sklearn.model_selection import train_test_split

    targets = np.repeat([0, 1, 2], [600, 300, 100])
    ours = targets[draw(targets, 200, seed=0, stage=0)]
    _, theirs = train_test_split(targets, test_size=200, stratify=targets, random_state=0)
    np.testing.assert_array_equal(np.bincount(ours), np.bincount(theirs))


def test_a_rare_class_is_in_every_split():
    targets = np.array([0] * 500 + [1] * 3)
    parts = partition(targets, seed=0, validation=50, test=50)
    assert [int(targets[part].sum()) for part in (parts.train, parts.validation, parts.test)] == [1, 1, 1]


def test_the_seed_decides_the_draw():
    targets = np.arange(100) % 2
    first, again, other = (draw(targets, 20, seed, 0) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


def test_a_draw_is_spread_over_the_file():
    drawn = draw(np.zeros(1000, int), 100, seed=0, stage=0)
    assert drawn.min() < 100
    assert drawn.max() >= 900
    assert 400 < drawn.mean() < 600


def test_given_test_samples_stay_test_samples():
    targets = np.array([0] * 20 + [1] * 20)
    parts = partition(targets, seed=0, validation=6, given_test=np.arange(30, 40))
    assert parts.test.tolist() == list(range(30, 40))
    assert np.bincount(targets[parts.validation]).tolist() == [4, 2]


def test_validation_can_be_the_test_split():
    parts = partition(np.arange(20) % 2, seed=0, validation=None, test=4)
    np.testing.assert_array_equal(parts.validation, parts.test)
    assert len(parts.train) == 16


def test_a_limit_caps_every_split_and_keeps_both_classes():
    targets = np.array([0] * 50 + [1] * 50)
    parts = partition(targets, seed=3, validation=20, test=20).limited(6, targets, 3)
    assert [np.bincount(targets[part]).tolist() for part in (parts.train, parts.validation, parts.test)] == [[3, 3]] * 3
