"""What runs keep of their test samples beside the predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Split, Values, Windows
from seqrun.components.targets import ClassTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.running.sample_facts import sample_facts, window_facts

CLASSES = ClassTarget(("a", "b"))


def split(inputs):
    return Split(inputs, np.zeros(len(inputs), np.int32), np.arange(len(inputs)))


def test_texts_have_a_length_without_padding_and_start_and_a_share_of_unknown_tokens():
    vocabulary = Vocabulary(6, ("[PAD]", "[START]", "[UNK]", "x", "y", "z"))
    ids = np.array([[0, 0, 1, 3, 2], [1, 2, 2, 4, 5], [0, 0, 0, 0, 1]], np.int32)
    found = sample_facts(Spec((5,), CLASSES, vocabulary), split(ids))
    assert found["lengths"].tolist() == [2, 4, 0]
    assert found["unknown"].tolist() == [0.5, 0.5, 0]


def test_padded_samples_have_a_length_and_others_have_none():
    inputs = np.ones((2, 3, 1), np.float32)
    inputs[0, 2:] = PADDING
    padded = Spec((3, 1), CLASSES, values=Values(("v",), (0.0,), (1.0,), padded=True))
    assert sample_facts(padded, split(inputs))["lengths"].tolist() == [2, 3]
    assert sample_facts(Spec((3, 1), CLASSES), split(inputs)) == {}


def test_windows_have_the_times_that_they_forecast_and_their_series():
    times = pd.date_range("2026-01-01", periods=8, freq="h").to_numpy()
    windows = Windows(
        np.zeros((8, 1)), np.zeros((8, 1)), np.array([0, 4]), np.arange(2), np.array([2, 3]), ((0, 4), (4, 8)), times
    )
    found = window_facts(windows)
    assert found["times"].tolist() == times[[[2, 3], [6, 7]]].tolist()
    assert "series" not in found
