"""Words that training lacks: their share by split, scripts without spaces, and new texts of which nothing is known."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from seqrun.components.counts import SPLITS
from seqrun.components.unknown import unknown_shares
from seqrun.components.vocabulary import GIVEN, SPECIALS, Vocabulary
from seqrun.datasets.tagged.reader import SentenceReader
from seqrun.datasets.text.encoding import TextEncoder
from seqrun.datasets.text.reader import TextReader
from seqrun.datasets.text.text import Text
from seqrun.datasets.text.unknown import undivided

CHINESE = ["这部电影非常好看我很喜欢", "演员的表演令人失望", "剧情拖沓而且没有新意", "画面优美音乐动人"]
RNG = np.random.default_rng(0)


@pytest.fixture
def load(tmp_path, locations):
    """load(texts, ...): the splits of a CSV file with these texts and two labels."""

    def load(texts, **fields):
        with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("body", "kind"), *((text, "ab"[n % 2]) for n, text in enumerate(texts))])
        return Text(path=tmp_path / "t.csv", text="body", label="kind", **fields).load(locations)

    return load


def test_the_share_of_unknown_tokens_is_that_of_words_not_in_training(load):
    texts = [" ".join(f"w{number}" for number in RNG.zipf(1.5, 12)) for _ in range(80)]
    splits = load(texts, max_len=20)
    known = {word for row in splits.train.index for word in texts[row].split()}
    for name, share in unknown_shares(splits).items():
        words = [word for row in getattr(splits, name).index for word in texts[row].split()]
        assert share == pytest.approx(np.mean([word not in known for word in words]))
    assert unknown_shares(splits)["train"] == 0 < unknown_shares(splits)["test"] < 0.5
    assert not any("unknown" in told for told in splits.warnings)


def test_a_split_of_words_that_training_lacks_is_warned_of(load):
    splits = load([f"one{n} two{n} three" for n in range(40)])
    [told] = splits.warnings
    assert "many tokens are unknown: train 0.0%, validation 66.7%, test 66.7%" in told
    assert "dataset.num_words: 10000" in told
    assert tuple(unknown_shares(splits)) == SPLITS


def test_of_many_tokens_a_smaller_share_is_much(load):
    few = [f"own{n} the of and a to" for n in range(60)]  # a third, and six texts of test
    assert load([f"{text} own{n}b" for n, text in enumerate(few)]).warnings == ()
    many = [f"own{n} the of own{n}b" for n in range(600)]  # half, and 60 texts of test
    assert any("unknown: train 0.0%, validation 50.0%, test 50.0%" in told for told in load(many).warnings)


def test_a_language_without_spaces_is_told_to_take_characters(load):
    texts = ["".join(RNG.permutation([*CHINESE[n % 4]])) for n in range(60)]
    told = load(texts).warnings
    assert any("script without spaces between words" in each and "tokens: characters" in each for each in told)
    assert load(texts, tokens="characters").warnings == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (CHINESE, True),
        (["ภาพยนตร์เรื่องนี้สนุกมากและน่าติดตาม"], True),
        (["この映画はとても面白かったです"], True),
        (["这 部 电影 非常 好看", "演员 的 表演 令人 失望"], False),  # divided already
        (["이 영화는 정말 재미있었어요"], False),  # Korean has spaces
        (["a fine film about 北京", "and another one"], False),
        (["naïve café über"], False),
        ([], False),
    ],
)
def test_which_texts_are_not_divided_into_words(texts, expected):
    assert undivided(texts) is expected


# --- new texts --------------------------------------------------------------------------------------------------------


def test_new_texts_of_which_no_word_is_known_are_told():
    reader = TextReader(TextEncoder(Vocabulary(5, (*SPECIALS, "good", "bad")), ("a", "b"), 4))
    assert reader.texts(["a good one", "BAD!"]).warnings == ()
    [told] = reader.texts(["xyz qwe"]).warnings
    assert told.startswith("the run knows no word of the text;")
    [told] = reader.texts(["good", "xyz", "...", "bad"]).warnings
    assert told.startswith("the run knows no word of 2 of 4 texts: row 1, 2;")


def test_new_sentences_of_which_no_word_is_known_are_told():
    reader = SentenceReader(Vocabulary(5, (*SPECIALS, "good", "bad"), GIVEN), 6)
    assert reader.texts(["a good one"]).warnings == ()
    [told] = reader.texts(["good", "x y"]).warnings
    assert "no word of 1 of 2 sentences: row 1" in told
