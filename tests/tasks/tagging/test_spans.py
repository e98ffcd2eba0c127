"""Spans are those that conlleval counts."""

import numpy as np
import pytest

from seqrun.tasks.tagging.spans import mark_spans, span_scores, spans


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O O", []),
        ("B-X I-X O B-Y", [("X", 0, 2), ("Y", 3, 4)]),
        ("B-X B-X", [("X", 0, 1), ("X", 1, 2)]),
        ("I-X I-X O I-Y", [("X", 0, 2), ("Y", 3, 4)]),  # IOB1, or a B that is missing
        ("B-X I-Y I-Y", [("X", 0, 1), ("Y", 1, 3)]),  # another type begins another span
        ("I-X B-X I-X", [("X", 0, 1), ("X", 1, 3)]),
        ("B-X I-X E-X S-Y O", [("X", 0, 3), ("Y", 3, 4)]),
        ("B-X E-X I-X", [("X", 0, 2), ("X", 2, 3)]),  # nothing follows an end
        ("S-X I-X E-X", [("X", 0, 1), ("X", 1, 3)]),
        ("O E-X E-X", [("X", 1, 2), ("X", 2, 3)]),
        ("B-X I-X L-X U-Y", [("X", 0, 3), ("Y", 3, 4)]),  # BILOU
        ("B I O B", [("", 0, 2), ("", 3, 4)]),
        ("B-a-b I-a-b", [("a-b", 0, 2)]),
    ],
)
def test_spans_by_hand(tags, expected):
    assert spans(tags.split()) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("O B-X I-X", True), ("I-X I-Y O", True), ("O B I", True), ("S-X", True), ("NOUN VERB O", False),
     ("B-X walk", False), ("O", False), ("S E", False), ("0 1", False)],
)  # fmt: skip
def test_which_tags_mark_spans(tags, expected):
    assert mark_spans(tags.split()) is expected


def test_scores_by_hand():
    """Three spans, of which two are found; of four that are given one has the wrong type and one the wrong end."""
    tags = ("O", "B-X", "I-X", "B-Y")
    targets = np.array([[1, 2, 0, 3], [1, 2, -1, -1]])
    predicted = np.array([[1, 2, 1, 3], [1, 0, 1, 1]])  # past the end nothing counts
    whole, by_type = span_scores(targets, predicted, tags)
    assert whole == pytest.approx({"precision": 2 / 4, "recall": 2 / 3, "f1": 4 / 7, "support": 3})
    assert by_type["X"] == pytest.approx({"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5, "support": 2})
    assert by_type["Y"] == pytest.approx({"precision": 1, "recall": 1, "f1": 1, "support": 1})


def test_what_does_not_occur_has_no_score():
    whole, by_type = span_scores(np.zeros((1, 3), int), np.zeros((1, 3), int), ("O", "B-X"))
    assert np.isnan([whole["precision"], whole["recall"], whole["f1"]]).all()
    assert by_type == {}
    missed, _ = span_scores(np.array([[1]]), np.array([[0]]), ("O", "B-X"))
    assert (missed["recall"], missed["f1"]) == (0, 0)
