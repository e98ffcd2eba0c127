"""Prepared data that are kept: the same bits as prepared anew, and never those of other content, settings or code."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.files import prepared
from seqrun.datasets.samples.sequences import Sequences
from seqrun.datasets.series.series import Series
from seqrun.datasets.tagged.conll import Conll
from seqrun.datasets.text.imdb import Imdb
from seqrun.datasets.text.text import Text

WORDS = ["a", "dull", "long", "film", "but", "what", "a", "joy", "of", "an", "ending"]


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch):
    monkeypatch.setattr(prepared, "WORTH_KEEPING", 0)


@pytest.fixture
def texts(tmp_path):
    """60 labelled texts, one of them empty, and what reads them."""
    rng = np.random.default_rng(0)
    lines = [f"{' '.join(rng.choice(WORDS, 6))},{'np'[number % 2]}" for number in range(60)]
    path = tmp_path / "texts.csv"
    path.write_text("\n".join(["text,label", *lines, ",p"]))
    return Text(path=path, text="text", label="label", num_words=8, max_len=5, bad_rows="skip")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def load(cache, told):
    return lambda dataset: dataset.load(Locations(None, lambda event: told.append(event.line()), cache))


def same(one, other):
    """Whether two values are of the same types and bits throughout."""
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return type(one) is type(other) and all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return type(other) is tuple and len(one) == len(other) and all(map(same, one, other))
    if callable(one):  # what reads whole texts again
        return callable(other)
    return type(one) is type(other) and one == other


def series(folder):
    rows = [f"2026-01-{1 + hour // 24:02}T{hour % 24:02}:00,{hour % 7},{hour / 3}" for hour in range(240)]
    (folder / "load.csv").write_text("\n".join(["time,load,heat", *rows]))
    columns = {"targets": ["load"], "features": ["load", "heat"]}
    return Series(path=folder / "load.csv", time="time", lookback=4, horizon=2, **columns)


def series_with_holes(folder):
    """Two series, scaled each by itself, of which the file lacks some values."""
    path = folder / "holes.csv"
    rows = [f"{'ab'[row // 60]},{'' if row % 7 == 3 else row},{row % 5}" for row in range(120)]
    path.write_text("\n".join(["id,x,y", *rows]))
    own = {"name": "standard", "per": "series"}
    return Series(
        path=path, targets=["x", "y"], series_id="id", lookback=5, horizon=2, missing="interpolate", scaler=own
    )


def sequences(folder):
    values = np.random.default_rng(0).normal(size=(30, 6, 2))
    values[::3, 4:] = np.nan
    np.savez(folder / "moves.npz", x=values, y=np.arange(30) % 3)
    return Sequences(path=folder / "moves.npz", labels="y")


def sentences(folder):
    (folder / "corpus").mkdir()
    for split, count in (("train", 20), ("dev", 5), ("test", 5)):
        lines = [f"{WORDS[number % 11]} {'OB'[number % 2]}" + "\n" * (number % 4 == 3) for number in range(count * 4)]
        (folder / "corpus" / f"{split}.txt").write_text("\n".join(lines))
    return Conll(path=folder / "corpus", min_count=1)


@pytest.mark.parametrize("make", [series, series_with_holes, sequences, sentences])
def test_what_is_read_back_is_what_was_prepared(make, tmp_path, load, cache):
    dataset = make(tmp_path)
    anew = dataset.load(Locations(None, lambda event: None))
    assert same(load(dataset), anew)
    assert len(list(cache.iterdir())) == 1
    assert same(load(dataset), anew)


def test_of_texts_too_with_all_that_was_told(texts, load, told):
    anew = load(texts)
    before = list(told)
    assert "left out" in " ".join(anew.warnings)
    again = load(texts)
    assert same(again, anew)
    assert again.spec.vocabulary.words == anew.spec.vocabulary.words
    assert told[len(before) : -1] == before
    assert "as prepared for an earlier run" in told[-1]


def test_of_reviews_with_the_file_of_their_words(npz, load, told):
    reviews = Imdb(path=npz, num_words=50)
    anew = load(reviews)
    assert same(load(reviews), anew)
    assert [source.path.name for source in anew.sources] == ["imdb.npz", "imdb_word_index.json"]
    index = npz.with_name("imdb_word_index.json")
    index.write_text(index.read_text().replace('"', '"x', 1))
    assert load(reviews).spec.vocabulary != anew.spec.vocabulary


def test_what_is_read_back_is_not_prepared(texts, load, monkeypatch):
    anew = load(texts)
    monkeypatch.setattr(Text, "_prepare", None)
    assert same(load(texts), anew)


def test_other_content_settings_or_code_are_prepared_anew(texts, load, cache, monkeypatch):
    kept = [load(texts)]
    for settings in ({"max_len": 4}, {"limit": 3}, {"split_seed": 1}):
        kept.append(load(texts.model_copy(update=settings)))
    texts.path.write_text(texts.path.read_text().replace("film", "play", 1))
    kept.append(load(texts))
    monkeypatch.setattr(prepared, "code_hash", lambda: "other")
    load(texts)
    assert len(list(cache.iterdir())) == 6
    assert not any(same(one, other) for number, one in enumerate(kept) for other in kept[:number])


def test_a_folder_is_known_by_all_that_is_in_it(tmp_path, load):
    for label in "np":
        (tmp_path / "texts" / label).mkdir(parents=True)
        for number in range(10):
            (tmp_path / "texts" / label / f"{number}.txt").write_text(f"{label} {number}")
    dataset = Text(path=tmp_path / "texts", max_len=3)
    assert not load(dataset).warnings
    (tmp_path / "texts" / "n" / "notes.md").write_text("of no use")
    assert "not read" in load(dataset).warnings[0]


@pytest.mark.parametrize("keep", [0, 1000, -200])
def test_a_damaged_entry_is_told_and_made_anew(keep, texts, load, told, cache):
    anew = load(texts)
    entry = next(cache.iterdir())
    whole = entry.read_bytes()
    entry.write_bytes(whole[:keep] if keep >= 0 else whole[:keep] + bytes(reversed(whole[keep:])))
    told.clear()
    assert same(load(texts), anew)
    assert any("damaged and made anew" in line for line in told)
    assert entry.read_bytes() == whole


def test_a_changed_number_in_an_entry_is_noticed(texts, load, told, cache):
    anew = load(texts)
    entry = next(cache.iterdir())
    content, inputs = entry.read_bytes(), anew.train.inputs.tobytes()
    entry.write_bytes(content.replace(inputs, inputs[4:] + inputs[:4]))
    assert same(load(texts), anew)
    assert any("damaged" in line for line in told)


def test_a_whole_entry_of_other_data_is_not_used(texts, load, told, cache):
    anew = load(texts)
    entry = next(cache.iterdir())
    load(texts.model_copy(update={"split_seed": 1}))
    other = next(path for path in cache.iterdir() if path != entry)
    key = entry.name.partition("-")[0]
    for name in (entry.name, f"{key}-{other.name.partition('-')[2]}"):  # in its place, or beside it with its own hash
        (cache / name).write_bytes(other.read_bytes())
    told.clear()
    assert same(load(texts), anew)
    assert sum("damaged and made anew: its content is not what was kept there" in line for line in told) == 2
    told.clear()
    assert same(load(texts), anew)
    assert "as prepared for an earlier run" in told[-1]
    assert not any("damaged" in line for line in told)


def test_what_was_used_longest_ago_makes_room(texts, load, cache, monkeypatch):
    load(texts)
    first = next(cache.iterdir())
    load(texts.model_copy(update={"limit": 20}))
    second = next(path for path in cache.iterdir() if path != first)
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    load(texts)  # which makes the second the older one
    monkeypatch.setattr(prepared, "ROOM", 3 * first.stat().st_size - 1000)
    load(texts.model_copy(update={"split_seed": 1}))
    assert first.exists()
    assert not second.exists()


def test_too_large_quick_and_unwritable_ones_are_not_kept(texts, load, told, cache, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(prepared, "ROOM", 100)
        load(texts)
    with monkeypatch.context() as patch:
        patch.setattr(prepared, "WORTH_KEEPING", 60)
        load(texts)
    assert not cache.exists()
    cache.write_text("a file")
    load(texts)
    assert any("cannot be kept" in line for line in told)


def test_nothing_is_kept_of_code_that_is_not_seqruns_own(npz, load, cache, offline_imdb):
    load(offline_imdb(path=npz, num_words=50))
    assert not cache.exists()


def test_the_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert prepared.prepared_folder() == tmp_path / "seqrun" / "prepared"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert prepared.prepared_folder() == tmp_path / ".cache" / "seqrun" / "prepared"
