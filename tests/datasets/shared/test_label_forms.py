"""Labels that are written in several ways: read as one, told of, or merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqrun.datasets.shared.label_forms import alike, named
from seqrun.errors import ConfigError

FILE = Path("t.csv")
NFC, NFD = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    ("labels", "difference"),
    [
        (("sport", "SPORT", "Sport"), "case"),
        (("straße", "STRASSE"), "case"),
        (("new york", "new  york"), "space"),
        (("new york", "new\u00a0york"), "space"),
        (("ham", "h\u200bam"), "Unicode form"),
        (("ﬁsh", "fish"), "Unicode form"),
        (("1", "1.0", "01", "+1", "1e0"), "the format of a number"),
        (("0", "0.0", "-0"), "the format of a number"),
        (("1.5", "1,5"), "the format of a number"),
        (("1000", "1,000"), "the format of a number"),
        (("New York", "newyork"), "case, space and Unicode form"),
    ],
)
def test_labels_that_differ_only_in_form_are_told_with_their_counts(labels, difference):
    [told] = alike({label: 10 - number for number, label in enumerate(labels)} | {"other": 5})
    assert f"(in {difference})" in told and "other" not in told
    assert all(f" ({10 - number})" in told for number in range(len(labels)))


@pytest.mark.parametrize(
    "labels",
    [
        ("sport", "sports"),
        ("1", "10", "100"),
        ("1.0", "1.01"),
        (str(2**60), str(2**60 + 1)),  # one number as a float
        ("nan", "inf"),
        ("1_0", "10"),
        ("a", "á", "à"),
        ("B-LOC", "I-LOC"),
    ],
)
def test_other_labels_are_not_told(labels):
    assert alike(dict.fromkeys(labels, 1)) == []


def test_what_is_told_can_be_copied_into_the_config():
    [told] = alike({"sport": 9, "SPORT": 2, "1": 3, "1.0": 1, "it's": 2, "IT'S": 1})
    assert told.endswith("dataset.labels: {merge: {SPORT: sport, '1.0': '1', 'IT''S': 'it''s'}}")


def test_one_label_in_two_unicode_forms_is_one_label_and_told():
    found = named(FILE, {NFC: 7, NFD: 3, "thé": 5, " thé": 1}, {})
    assert dict(found.names) == {NFC: NFC, NFD: NFC, "thé": "thé", " thé": "thé"}
    assert dict(found.counts) == {NFC: 10, "thé": 6}
    [told] = found.doubts
    assert told.splitlines() == [
        "t.csv: labels that differ only in Unicode form or in white space around them are read as one:",
        rf"  '{NFC}': 'caf\xe9' (7), 'cafe\u0301' (3)",
        r"  'thé': 'th\xe9' (5), ' th\xe9' (1)",
    ]


def test_merged_labels_are_counted_as_the_others_and_no_longer_told():
    found = named(FILE, {"sport": 5, "SPORT": 2, "Sport ": 1}, {"SPORT": "sport", "Sport": "sport"})
    assert dict(found.counts) == {"sport": 8} and found.doubts == ()


def test_a_merged_label_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(ConfigError) as raised:
        named(FILE, {"sport": 5, "SPORT": 2}, {"SPROT": "sport", "news": "sport"})
    first, second = raised.value.problems
    assert first.path == ("dataset", "labels", "merge", "SPROT")
    assert first.message == "the data have no label 'SPROT' (did you mean sport?); there are SPORT, sport"
    assert second.message.startswith("the data have no label 'news'")
