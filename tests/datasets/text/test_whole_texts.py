"""The whole texts of samples: every word, in the samples' order, whatever of them the network sees."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.files import prepared
from seqrun.datasets.text.imdb import Imdb
from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

SPLITS = ("train", "validation", "test")


def sequences(tokens):
    """The numbers of each text as a list."""
    return [part.tolist() for part in np.split(tokens.values, np.cumsum(tokens.lengths)[:-1])]


def renamed(rows):
    """Texts with each word, or number, as the place where it was first met: equal for equal texts, whatever names."""
    known: dict[object, int] = {}
    return [[known.setdefault(word, len(known)) for word in row] for row in rows]


def of_all_splits(splits):
    whole = splits.whole()
    return [row for name in SPLITS for row in sequences(getattr(whole, name))]


@pytest.mark.parametrize("validation", [0.25, "test"])
def test_reviews_of_keras_file_are_its_ranks(npz, locations, validation):
    splits = Imdb(path=npz, num_words=10, max_len=3, validation=validation).load(locations)
    with np.load(npz, allow_pickle=True) as file:
        train, test = file["x_train"], file["x_test"]
    whole = splits.whole()
    assert sequences(whole.train) == [train[row] for row in splits.train.index]
    assert sequences(whole.test) == [test[row] for row in splits.test.index]
    half = test if validation == "test" else train
    assert sequences(whole.validation) == [half[row] for row in splits.validation.index]


def test_reviews_of_the_published_folder_are_its_words(tmp_path, locations):
    written = {}
    for half in ("train", "test"):
        for side in ("neg", "pos"):
            folder = tmp_path / "aclImdb" / half / side
            folder.mkdir(parents=True)
            for number in range(8):
                text = f"{side} {half} number{number} and nothing else"
                (folder / f"{number}_1.txt").write_text(text)
                written.setdefault(half, []).append(text.split())
    splits = Imdb(path=tmp_path / "aclImdb", num_words=10, max_len=2).load(locations)
    chosen = [("train", splits.train), ("train", splits.validation), ("test", splits.test)]
    expected = [written[half][row] for half, split in chosen for row in split.index]
    assert renamed(of_all_splits(splits)) == renamed(expected)


@pytest.fixture
def texts(tmp_path):
    """60 texts of which two rows cannot be used, and what reads them."""
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number in range(60):
            writer.writerow(["" if number in (3, 30) else f"One, word{number} Two-three", "np"[number % 2]])
    return Text(path=path, text="text", label="label", num_words=8, max_len=2, bad_rows="skip")


def expected_words(dataset, splits):
    rows = list(csv.DictReader(dataset.path.open(newline="")))
    index = [row for name in SPLITS for row in getattr(splits, name).index]
    return [["one", rows[row]["text"].split()[1], "two", "three"] for row in index]


def test_texts_of_a_table_are_found_past_rows_that_were_left_out(texts, locations):
    splits = texts.load(locations)
    assert renamed(of_all_splits(splits)) == renamed(expected_words(texts, splits))


def test_data_prepared_by_an_earlier_run_have_their_whole_texts(texts, tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "WORTH_KEEPING", 0)
    told = []
    for _ in range(2):
        splits = texts.load(Locations(None, lambda event: told.append(event.line()), tmp_path / "cache"))
    assert any("as prepared for an earlier run" in line for line in told)
    assert renamed(of_all_splits(splits)) == renamed(expected_words(texts, splits))


def test_a_file_that_has_changed_is_not_read_for_others_words(texts, locations):
    splits = texts.load(locations)
    texts.path.write_text(texts.path.read_text().replace("Two", "Six"))
    with pytest.raises(DataError, match="has changed since the run began"):
        splits.whole()
