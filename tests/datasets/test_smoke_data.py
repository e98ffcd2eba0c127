"""The data of configs/smoke is what its script makes, and can be learned from."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from seqrun.components.padding import PADDING
from seqrun.datasets.samples.mnist import Mnist
from seqrun.datasets.samples.sequences import Sequences
from seqrun.datasets.series import jena_climate, ridership
from seqrun.datasets.series.jena_climate import JenaClimate
from seqrun.datasets.series.ridership import Ridership
from seqrun.datasets.series.series import Series
from seqrun.datasets.text.imdb import Imdb
from seqrun.datasets.text.text import Text

SCRIPT = Path(__file__).parent.parent / "make_smoke_data.py"
COMMITTED = SCRIPT.parent.parent / "configs" / "smoke" / "data"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    runpy.run_path(str(SCRIPT))["make"](folder)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        *("imdb_word_index.json", "reviews.csv", "topics.csv", jena_climate.FILE, ridership.FILE),
        *("series.csv", "tagged.txt", "wines.csv"),
    ],
)
def test_committed_files_are_those_that_the_script_makes(made, name):
    assert (COMMITTED / name).read_bytes() == (made / name).read_bytes()


@pytest.mark.parametrize("name", ["imdb.npz", "mnist.npz", "sequences.npz", "swings.npz"])
def test_a_committed_npz_holds_what_the_script_makes(made, name):
    with np.load(COMMITTED / name, allow_pickle=True) as old, np.load(made / name, allow_pickle=True) as new:
        assert old.files == new.files
        for array in old.files:  # not byte for byte: compression differs between builds of zlib
            np.testing.assert_array_equal(old[array], new[array])


def test_it_is_small():
    assert sum(file.stat().st_size for file in COMMITTED.iterdir()) < 350_000


@pytest.mark.parametrize(
    "dataset",
    [
        Imdb(path=COMMITTED / "imdb.npz", num_words=500, max_len=40),
        Text(path=COMMITTED / "reviews.csv", text="review", label="rating", num_words=500, max_len=60),
    ],
    ids=lambda dataset: dataset.name,
)
def test_a_bag_of_words_learns_from_it(dataset, locations):
    from sklearn.naive_bayes import MultinomialNB

    splits = dataset.load(locations)
    size = splits.spec.vocabulary.size

    def bags(rows):
        return np.array([np.bincount(row, minlength=size) for row in rows])

    model = MultinomialNB().fit(bags(splits.train.inputs), splits.train.targets)
    assert model.score(bags(splits.test.inputs), splits.test.targets) > 0.75


@pytest.mark.parametrize(
    ("dataset", "period"),
    [
        (JenaClimate(path=COMMITTED / jena_climate.FILE, lookback=36, delay=0, splits=[0.6, 0.2, 0.2]), 1),
        (Ridership(path=COMMITTED / ridership.FILE), 7),
        (Series(path=COMMITTED / "series.csv", time="time", targets=["load"], lookback=48, horizon=24), 24),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
def test_the_value_one_period_ago_says_more_than_the_mean(dataset, period, locations):
    splits = dataset.load(locations)
    assert splits.warnings == ()
    test = splits.test
    first = test.starts + test.horizon_rows[0]
    truth = test.values[first]
    assert np.abs(truth - test.values[first - period]).mean() < np.abs(truth - truth.mean()).mean() / 1.5


def flat(inputs):
    return inputs.reshape(len(inputs), -1)


def speed(inputs):
    """(samples, 1): how far a path moves in a step, whatever its place and length."""
    paths = np.where(inputs == PADDING, np.nan, inputs)
    return np.nanmean(np.abs(np.diff(paths, axis=1)), axis=(1, 2))[:, None]


@pytest.mark.parametrize(
    ("dataset", "seen"),
    [(Mnist(path=COMMITTED / "mnist.npz"), flat), (Sequences(path=COMMITTED / "sequences.npz", labels="y"), speed)],
    ids=lambda case: getattr(case, "name", ""),
)
def test_the_nearest_neighbour_is_mostly_of_the_same_class(dataset, seen, locations):
    from sklearn.neighbors import KNeighborsClassifier

    splits = dataset.load(locations)
    assert splits.warnings == ()
    model = KNeighborsClassifier(1).fit(seen(splits.train.inputs), splits.train.targets)
    assert model.score(seen(splits.test.inputs), splits.test.targets) > 0.75
