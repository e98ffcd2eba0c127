"""Texts of which a single word tells the label, against shares that are counted here."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from seqrun.components.leaks import GIVEN_AWAY
from seqrun.datasets.text.text import Text

RNG = np.random.default_rng(1)
WORDS = ["".join(RNG.choice([*"abcdefghijklmnop"], RNG.integers(4, 9))) for _ in range(300)]


@pytest.fixture
def load(tmp_path, locations):
    """load(mark): the splits of 300 texts of two classes, after mark(text, label) has changed each."""

    def load(mark):
        with (tmp_path / "texts.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "kind"])
            for number in range(300):
                label = ("praise", "blame")[number % 2]
                rows.writerow([mark(" ".join(RNG.choice(WORDS, 12)), label), label])
        return Text(path=tmp_path / "texts.csv", text="text", label="kind").load(locations)

    return load


def given_away(splits):
    return [leak.what for leak in splits.leaks if leak.kind == GIVEN_AWAY]


def test_a_label_that_stands_in_its_texts_is_found_and_warned_of(load):
    splits = load(lambda text, label: f"Label: {label.upper()}. {text}")
    [found] = given_away(splits)
    assert "'praise' in 100% of the texts labelled 'praise' and in none of the others" in found
    assert "'blame' in 100% of the texts labelled 'blame'" in found
    assert sum("a single word gives the label away" in text for text in splits.warnings) == 1


def test_a_mark_of_where_texts_come_from_is_found_in_one_class(load):
    [found] = given_away(load(lambda text, label: f"{text} (Reuters)" if label == "blame" else text))
    assert "'reuters' in 100% of the texts labelled 'blame'" in found and "'praise'" not in found


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_words_that_only_separate_classes_well_are_none(load, share):
    def mark(text, label):
        return f"{text} wonderful" if label == "praise" and RNG.random() < share else text

    assert given_away(load(mark)) == []


def test_a_word_of_both_classes_is_none(load):
    assert given_away(load(lambda text, label: f"{text} the blame and the praise")) == []


def test_it_is_the_severest_of_a_run_s_findings(make_run):
    from commands import run_command

    leak = {"kind": GIVEN_AWAY, "what": "classes that a single word gives away: 'x'", "count": 1, "of": 2, "mend": "-"}
    [found] = json.loads(run_command("show", make_run(leakage=[leak]), "--json").stdout)["leakage"]
    assert (found["kind"], found["severity"]) == (GIVEN_AWAY, "high")
