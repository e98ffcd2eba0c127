"""The data of configs/smoke is what its script makes, and can be learned from."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from seqrun.datasets.imdb import Imdb
from seqrun.datasets.text import Text

SCRIPT = Path(__file__).parent.parent / "make_smoke_data.py"
COMMITTED = SCRIPT.parent.parent / "configs" / "smoke" / "data"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    runpy.run_path(str(SCRIPT))["make"](folder)
    return folder


@pytest.mark.parametrize("name", ["imdb_word_index.json", "reviews.csv"])
def test_committed_files_are_those_that_the_script_makes(made, name):
    assert (COMMITTED / name).read_bytes() == (made / name).read_bytes()


def test_the_committed_npz_holds_what_the_script_makes(made):
    with (
        np.load(COMMITTED / "imdb.npz", allow_pickle=True) as old,
        np.load(made / "imdb.npz", allow_pickle=True) as new,
    ):
        assert old.files == new.files
        for name in old.files:  # not byte for byte: compression differs between builds of zlib
            assert old[name].tolist() == new[name].tolist()


def test_it_is_small():
    assert sum(file.stat().st_size for file in COMMITTED.iterdir()) < 300_000


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
