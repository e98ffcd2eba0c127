"""Tiny IMDB data in every published form, and a dataset that asks no server."""

import json
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.text.imdb import REVIEWS, WORD_INDEX, Imdb

NOWHERE = "http://127.0.0.1:1/"  # nothing listens at port 1


class OfflineImdb(Imdb):
    """Imdb on a machine without network and without the package."""

    wanted: ClassVar = replace(
        REVIEWS,
        remote=replace(REVIEWS.remote, url=NOWHERE + "imdb.npz"),
        package=replace(REVIEWS.package, distribution="a-package-that-nobody-has-installed"),
    )
    word_index: ClassVar = replace(WORD_INDEX, url=NOWHERE + "imdb_word_index.json")


@pytest.fixture
def offline_imdb():
    return OfflineImdb


@pytest.fixture(autouse=True)
def keras_cache(tmp_path, monkeypatch):
    """Keras' cache is a folder of the test's own, and local servers are reached whatever proxy there is."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def told():
    """The lines that a dataset told its user."""
    return []


@pytest.fixture
def locations(told):
    """Of no data directory."""
    return Locations(None, lambda event: told.append(event.line()))


def ranks(count, seed):
    rng = np.random.default_rng(seed)
    return [rng.integers(1, 60, rng.integers(3, 30)).tolist() for _ in range(count)]


@pytest.fixture
def npz(tmp_path):
    """A folder with imdb.npz (40 training reviews, 20 of the test, sorted by label) and its word index."""
    folder = tmp_path / "data"
    folder.mkdir()
    np.savez(
        folder / "imdb.npz",
        x_train=np.array(ranks(40, 1), dtype=object),
        y_train=np.array([0] * 20 + [1] * 20),
        x_test=np.array(ranks(20, 2), dtype=object),
        y_test=np.array([1] * 10 + [0] * 10),
    )
    (folder / "imdb_word_index.json").write_text(json.dumps({f"word{rank}": rank for rank in range(1, 61)}))
    return folder / "imdb.npz"
