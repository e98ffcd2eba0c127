"""Keras' npz files of token sequences, read without letting their pickles run code."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.files.npz import read_array
from seqrun.datasets.text.encoding import Ragged
from seqrun.errors import DataError
from seqrun.machine.opener import open_file, read_bytes

MOST_INDEX = 64_000_000  # bytes of the word index; the published one has 1.6 MB


@dataclass(frozen=True)
class RankedReviews:
    """Reviews as lists of word ranks (1 is the most frequent word), with labels 0 and 1."""

    train: Ragged
    train_labels: np.ndarray  # (reviews,) int32
    test: Ragged
    test_labels: np.ndarray


def read_reviews(path: Path) -> RankedReviews:
    """Return the reviews in `x_train`, `y_train`, `x_test` and `y_test`.

    Raises DataError if the file is damaged, or if its pickles would run code.
    """
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            train, train_labels = _sequences(archive, "x_train"), _labels(archive, "y_train")
            test, test_labels = _sequences(archive, "x_test"), _labels(archive, "y_test")
    except Exception as error:  # there is no end to what a broken zip or pickle can raise
        raise DataError(f"{path} cannot be read as Keras' imdb.npz: {error}") from error
    for name, reviews, labels in (("train", train, train_labels), ("test", test, test_labels)):
        if len(reviews) != len(labels):
            raise DataError(f"{path}: x_{name} holds {len(reviews):,} reviews, y_{name} {len(labels):,} labels")
    return RankedReviews(train, train_labels, test, test_labels)


def read_word_index(path: Path) -> dict[int, str]:
    """Return rank -> word from Keras' imdb_word_index.json; raise DataError if the file is something else."""
    try:
        return {int(rank): word for word, rank in json.loads(read_bytes(path, MOST_INDEX)).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as Keras' imdb_word_index.json: {error}") from error


def _sequences(archive: zipfile.ZipFile, name: str) -> Ragged:
    return Ragged.of(
        read_array(archive, name)
    )  # converted at once: the lists take ten times the memory of their numbers


def _labels(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    labels = read_array(archive, name)
    if labels.ndim != 1 or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"{name} holds labels other than 0 and 1")
    return labels.astype(np.int32)
