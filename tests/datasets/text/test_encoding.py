"""Padding, truncating, and a text encoded later as it was in training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.utils import pad_sequences

from seqrun.components.vocabulary import Vocabulary
from seqrun.datasets.text.encoding import Ragged, TextEncoder
from seqrun.errors import DataError

SIDES = st.sampled_from(["pre", "post"])


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=8), max_size=6),
    st.integers(1, 10),
    SIDES,
    SIDES,
)
def test_rows_are_padded_and_cut_as_keras_does(sequences, length, padding, truncating):
    padded = Ragged.of(sequences).pad(length, padding, truncating)
    assert padded.dtype == np.int32
    if sequences:  # Keras gives no width to nothing
        expected = pad_sequences(sequences, maxlen=length, padding=padding, truncating=truncating)
        np.testing.assert_array_equal(padded, expected)
    else:
        assert padded.shape == (0, length)


@pytest.fixture
def encoder():
    vocabulary = Vocabulary.fit(["the the the film film good"], num_words=10)
    return TextEncoder(vocabulary, ("no", "yes"), max_len=4, padding="post", truncating="post", skip_top=4)


def test_words_below_skip_top_are_unknown(encoder):
    assert encoder.encode(["the film good", "good"]).tolist() == [[2, 2, 4, 5], [2, 5, 0, 0]]


def test_an_encoder_made_from_its_artifacts_encodes_the_same(encoder):
    again = TextEncoder.from_artifacts(encoder.artifacts())
    assert again == encoder
    texts = ["A good, GOOD film - the best?", "", "film\ngood"]
    np.testing.assert_array_equal(again.encode(texts), encoder.encode(texts))


def test_artifacts_that_miss_a_file_are_refused(encoder):
    artifacts = encoder.artifacts()
    del artifacts["encoding.json"]
    with pytest.raises(DataError, match=r"encoding\.json"):
        TextEncoder.from_artifacts(artifacts)
