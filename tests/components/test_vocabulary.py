"""Words and characters: how they are split, ranked, encoded and decoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.components.vocabulary import START, UNKNOWN, Vocabulary, tokenize
from seqrun.errors import DataError

TEXTS = [
    "I don't KNOW (really)... what's this?<br /><br />A 'film', they say!",
    "the the the movie's plot\t-- plot_line;\nnaïve café d'Aubigné 10/10 well\x85done \x96 'twas",
    "e-mail me@example.com & ask: {why} [not] `now` ~50% of $100^2 = a|b \\ c",
]


def test_words_are_split_as_the_tokenizer_that_made_the_published_data_splits_them():
    from keras.src.legacy.preprocessing.text import text_to_word_sequence

    for text in TEXTS:
        assert tokenize(text, "words") == text_to_word_sequence(text)


def test_a_line_break_tag_leaves_the_word_br():
    assert tokenize("good<br /><br />bad", "words") == ["good", "br", "br", "bad"]


def test_any_white_space_separates_words():
    assert tokenize("one\r\ntwo\u00a0three\u3000four\u2028five", "words") == ["one", "two", "three", "four", "five"]


def test_more_white_space_separates_words_than_in_keras():
    """Of it, Keras' Tokenizer splits at three characters; U+0085 stands within words of the published data."""
    from keras.src.legacy.preprocessing.text import text_to_word_sequence

    spaces = [chr(code) for code in range(0x3001) if chr(code).isspace()]
    assert "\u00a0" in spaces
    split_here = {space for space in spaces if tokenize(f"a{space}b", "words") == ["a", "b"]}
    split_in_keras = {space for space in spaces if text_to_word_sequence(f"a{space}b") == ["a", "b"]}
    assert split_in_keras == {" ", "\t", "\n"} and split_here == {*spaces} - {"\x85"}


def test_punctuation_separates_words_where_text_vectorization_removes_it():
    from keras.layers import TextVectorization

    layer = TextVectorization()
    layer.adapt(["e-mail don't"])
    assert sorted(map(str, layer.get_vocabulary()[2:])) == ["dont", "email"]
    assert tokenize("e-mail don't", "words") == ["e", "mail", "don't"]


def test_ids_are_ranked_by_frequency_then_alphabet_after_the_special_ones():
    vocabulary = Vocabulary.fit(["b b c", "a c b d"], num_words=6)
    assert vocabulary.words == ("[PAD]", "[START]", "[UNK]", "b", "c", "a")
    assert vocabulary.size == 6
    assert vocabulary.encode("a b zebra d") == [START, 5, 3, UNKNOWN, UNKNOWN]


def test_the_order_of_the_texts_does_not_matter():
    assert Vocabulary.fit(TEXTS, 20) == Vocabulary.fit(TEXTS[::-1], 20)


def test_size_is_that_of_the_words_there_are():
    assert Vocabulary.fit(["a b"], num_words=10_000).size == 5


def test_case_is_kept_when_asked():
    kept = Vocabulary.fit(["Ab ab"], 10, lowercase=False)
    assert kept.words[3:] == ("Ab", "ab")
    assert kept.decode(kept.encode("ab Ab")) == "ab Ab"


def test_characters_are_unicode_characters():
    vocabulary = Vocabulary.fit(["日本語 日本"], 10, kind="characters")
    assert vocabulary.words[3:] == ("日", "本", " ", "語")
    assert vocabulary.decode(vocabulary.encode("本日")) == "本日"


def test_an_accent_typed_apart_is_the_same_letter():
    vocabulary = Vocabulary.fit(["caf\u00e9"], 10)
    assert vocabulary.encode("cafe\u0301") == [START, 3]


def test_decoding_leaves_out_padding_and_start_and_shows_unknown_words():
    vocabulary = Vocabulary.fit(["good film"], 10)
    assert vocabulary.decode([0, 0, 1, 4, 2, 3]) == "good [UNK] film"


def test_the_names_of_special_tokens_are_no_tokens():
    vocabulary = Vocabulary.fit(["pad start"], 10)
    assert vocabulary.encode("[PAD] [START] [UNK]") == [START, 3, 4, UNKNOWN]


def test_bare_ids_decode_to_themselves_and_cannot_encode():
    bare = Vocabulary(100, None)
    assert bare.decode([0, 1, 17, 2]) == "17 2"
    with pytest.raises(DataError, match="bare ids"):
        bare.encode("text")


@given(st.lists(st.text(max_size=30), max_size=5), st.sampled_from(["words", "characters"]), st.booleans())
def test_json_keeps_a_vocabulary_exactly(texts, kind, lowercase):
    vocabulary = Vocabulary.fit(texts, 12, kind, lowercase=lowercase)
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again == vocabulary
    assert all(again.encode(text) == vocabulary.encode(text) for text in texts)
    assert all(0 < i < vocabulary.size for text in texts for i in vocabulary.encode(text))


def test_what_is_no_vocabulary_is_refused():
    with pytest.raises(DataError, match="no vocabulary"):
        Vocabulary.from_json(b'["a"]')
