"""An embedding that starts from a text file of word vectors."""

import logging

import keras
import numpy as np
import pytest

from seqrun.errors import DataError, UsageError

WORDS = ("[PAD]", "[START]", "[UNK]", "the", "film", "was", "good")
GLOVE = "the 0.1 0.2 0.3\nbad 9 9 9\ngood -1 0.5 2e-1\nthe 7 7 7\n"


@pytest.fixture
def vectors(tmp_path):
    def vectors(text: str):
        path = tmp_path / "vectors.txt"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return vectors


def table_of(network, spec, seed=7):
    keras.utils.set_random_seed(seed)
    return network.build(spec).get_layer("embedding").get_weights()[0]


@pytest.mark.parametrize("header", ["", "4 3\n"], ids=["glove", "word2vec"])
def test_words_of_the_file_start_from_its_vectors_and_the_others_stay_random(make, tokens, vectors, header):
    spec = tokens(size=len(WORDS), words=WORDS)
    table = table_of(make("lstm", embedding={"path": vectors(header + GLOVE)}), spec)
    drawn = table_of(make("lstm", embedding_dim=3), spec)
    expected = drawn.copy()
    expected[3], expected[6] = [0.1, 0.2, 0.3], [-1, 0.5, 0.2]
    np.testing.assert_array_equal(table, expected.astype("float32"))


def test_it_says_how_many_words_it_covered(make, tokens, vectors, caplog):
    with caplog.at_level(logging.INFO, logger="seqrun"):
        table_of(make("lstm", embedding={"path": vectors(GLOVE)}), tokens(size=len(WORDS), words=WORDS))
    assert caplog.messages == ["vectors.txt: vectors for 2 of 4 words (50.0%)"]


def test_a_fixed_embedding_is_not_trained(make, tokens, vectors):
    spec = tokens(size=len(WORDS), words=WORDS)
    model = make("bag_of_words", embedding={"path": vectors(GLOVE), "trainable": False}).build(spec)
    assert [weight.path for weight in model.trainable_variables] == ["output/kernel", "output/bias"]


def test_a_transformer_projects_vectors_to_its_width(make, tokens, vectors):
    spec = tokens(size=len(WORDS), words=WORDS)
    model = make("transformer", width=8, embedding={"path": vectors(GLOVE)}).build(spec)
    assert model.get_layer("projection").kernel.shape == (3, 8)


def test_words_with_spaces_windows_line_ends_and_odd_bytes_are_read(make, tokens, vectors):
    spec = tokens(size=len(WORDS), words=WORDS)
    text = b"the 0.1 0.2 0.3 \r\nat name@domain.com 1 2 3\r\nb\xff\xfed 4 5 6\r\nfilm\t1\t2\t3\r\n\xc2\xa0 1 2 3"
    table = table_of(make("lstm", embedding={"path": vectors(text)}), spec)
    np.testing.assert_array_equal(table[[3, 4]], np.array([[0.1, 0.2, 0.3], [1, 2, 3]], "float32"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("the 1 2 3\ngood 1 2\n", r"vectors.txt:2: 2 numbers, where the file's vectors have 3"),
        ("the 1 2 3\ngood 1 2 3 4\n", r"vectors.txt:2: 4 numbers, where the file's vectors have 3"),
        ("the 1 2 3\ngood 1 x 3\n", r"vectors.txt:2: the vector of 'good' is not all numbers"),
        ("the 1 2 3\ngood 1 nan 3\n", r"vectors.txt:2: the vector of 'good' is not all finite"),
        ("the film was good\n", r"vectors.txt:1: a word and its numbers, separated by spaces, should stand here"),
        ("", r"vectors.txt:1: a word and its numbers"),
        ("2 3\nbad 1 2 3\n", "has a vector for none of the vocabulary's 4 words"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(make, tokens, vectors, text, complaint):
    with pytest.raises(DataError, match=complaint):
        make("lstm", embedding={"path": vectors(text)}).build(tokens(size=len(WORDS), words=WORDS))


def test_ids_without_words_cannot_start_from_vectors(make, tokens, vectors):
    with pytest.raises(UsageError, match="word index"):
        make("lstm", embedding={"path": vectors(GLOVE)}).build(tokens())


def test_a_missing_file_and_another_dimension_are_found_at_validation(problems_of, vectors):
    found = problems_of("architecture: {name: gru, embedding: {path: nowhere.txt}}")
    assert list(found) == ["architecture.embedding.path"]
    assert "No such file" in found["architecture.embedding.path"]
    vectors(GLOVE)
    found = problems_of("architecture: {name: gru, embedding_dim: 64, embedding: {path: vectors.txt}}")
    complaint = "is 64, but the vectors of vectors.txt have 3 numbers (leave it out to take theirs)"
    assert found == {"architecture.embedding_dim": complaint}
    assert problems_of("architecture: {name: gru, embedding: {path: vectors.txt}}") == {}
