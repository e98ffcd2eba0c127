"""New input is read as a run's dataset says, or, where it says nothing, as the run's spec and artifacts tell."""

from typing import ClassVar

import numpy as np
import pytest

from seqrun.components import (
    ClassTarget,
    Dataset,
    NewSamples,
    Reader,
    Reconstruction,
    SeriesTarget,
    Spec,
    TagTarget,
    Values,
)
from seqrun.components.vocabulary import GIVEN, SPECIALS, UNKNOWN, Vocabulary
from seqrun.datasets.text.encoding import TextEncoder
from seqrun.errors import DataError, InputError
from seqrun.inference.reading.readers import reader_for

WORDS = Vocabulary(5, (*SPECIALS, "a", "b"))
TOKENS = Vocabulary(5, (*SPECIALS, "a", "b"), GIVEN)
CLASSES = ClassTarget(("no", "yes"))


class Own(Dataset):
    """A dataset of a user's own that says nothing of how new input is read."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    inputs: ClassVar[str] = "values"
    name: str = "own"

    def load(self, locations):
        raise NotImplementedError


class Letters(Reader):
    """Reads a letter a sample."""

    endings = (".letters",)

    def read(self, path, column=None):
        letters = path.read_text()
        return NewSamples(np.array([[ord(letter)] for letter in letters]), np.arange(len(letters)))


class Lettered(Own):
    """One that says so."""

    def reader(self, spec, artifacts):
        return Letters()


def read(spec, artifacts=None) -> Reader:
    return reader_for(Own(), spec, artifacts or {})


def test_a_datasets_own_reader_goes_first(tmp_path):
    path = tmp_path / "new.letters"
    path.write_text("ab")
    reader = reader_for(Lettered(), Spec((1,), CLASSES, WORDS), TextEncoder(WORDS, CLASSES.classes, 3).artifacts())
    assert reader.reads(path) and not reader.reads(tmp_path / "new.txt")
    assert reader.read(path).inputs.tolist() == [[97], [98]]
    assert reader.texts(["a"]) is None


def test_artifacts_tell_how_texts_are_read(tmp_path):
    encoder = TextEncoder(WORDS, CLASSES.classes, 4, padding="post")
    reader = read(Spec((4,), CLASSES, WORDS), encoder.artifacts())
    (tmp_path / "new.txt").write_text("a b\n\nc\n")
    samples = reader.read(tmp_path / "new.txt")
    np.testing.assert_array_equal(samples.inputs, encoder.encode(["a b", "c"]))
    assert [*samples.texts] == ["a b", "c"]
    np.testing.assert_array_equal(reader.lines(["c\n", "a b\n"], "-").inputs, encoder.encode(["c", "a b"]))


def test_a_vocabulary_of_given_tokens_tells_how_sentences_are_read(tmp_path):
    reader = read(Spec((2,), TagTarget(("O", "X")), TOKENS))
    samples = reader.texts(["b a", "a c b"])
    assert samples.inputs.tolist() == [[4, 3], [3, UNKNOWN]]
    assert samples.tokens == [["b", "a"], ["a", "c", "b"]]
    (told,) = samples.warnings
    assert "1 token without a tag: the network reads 2 of a sentence" in told and told.endswith("sentence 1")
    (tmp_path / "new.conll").write_text("a\nb\n\nb\n")
    assert reader.read(tmp_path / "new.conll").inputs.tolist() == [[3, 4], [4, 0]]


def test_values_tell_how_numbers_are_read(tmp_path):
    values = Values(("u",), (10.0,), (2.0,))
    np.save(tmp_path / "new.npy", np.array([[10.0, 12.0], [14.0, 8.0]]))
    for target in (CLASSES, Reconstruction(), TagTarget(("O", "X"))):
        samples = read(Spec((2, 1), target, values=values)).read(tmp_path / "new.npy")
        assert samples.inputs[..., 0].tolist() == [[0.0, 1.0], [2.0, -1.0]]
        assert read(Spec((2, 1), target, values=values)).texts(["a"]) is None


def test_where_nothing_tells_arrays_are_in_the_networks_units(tmp_path):
    np.save(tmp_path / "new.npy", np.array([[1, 2], [3, 4]]))
    reader = read(Spec((2,), CLASSES, WORDS))
    assert reader.endings == (".npy", ".npz")
    samples = reader.read(tmp_path / "new.npy")
    assert samples.inputs.tolist() == [[1, 2], [3, 4]] and samples.texts == ["[UNK]", "a b"]
    with pytest.raises(DataError, match=r"has the shape \(2, 2\); the network reads \(samples, 3\)"):
        read(Spec((3,), CLASSES, WORDS)).read(tmp_path / "new.npy")


def test_windows_of_series_of_which_nothing_tells_come_in_an_array(tmp_path):
    reader = read(Spec((3, 1), SeriesTarget(("x",), 2)))
    np.save(tmp_path / "new.npy", np.ones((4, 3, 1)))
    samples = reader.read(tmp_path / "new.npy")
    assert samples.inputs.shape == (4, 3, 1) and samples.ids.cells == ["0", "1", "2", "3"]
    with pytest.raises(InputError, match="the run's dataset says not how it reads a table; give an array as the net"):
        reader.read(tmp_path / "new.csv")
