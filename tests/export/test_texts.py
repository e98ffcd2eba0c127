"""Texts are read alike by a run, by read_input.py and by the graph of a SavedModel, however odd they are."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqrun.components.vocabulary import GIVEN, Vocabulary
from seqrun.datasets.tagged.sentences import encode_sentences
from seqrun.datasets.text.encoding import TextEncoder
from seqrun.export.description import text_description
from seqrun.export.read_input import Reader

ODD = (
    [chr(point) for point in range(0x300, 0x370)]  # marks
    + [chr(point) for point in range(0x1100, 0x1200)]  # parts of Hangul
    + list("ΣσςaAİIiıßẞŉǅæÅÅé\u0344\u0f73\u0f71\u1e9b\u0323\u00ad\u200d\u2019:.'_-")
    + list(" \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u2001\u2028\u3000\ufeff\x00\x7f")
    + list("漢字かがは\u3099ابجَ\U0001f469\u200d\U0001f4bb\U00010400\U000118a0\U0001d15e\U0002f800\uffff\U0010ffff")
)
WORDS = ("étage", "οδος", "οδοσ", "i̇stanbul", "br", "don't", "a\x85b", "각", "ゞ", "the", "Å", "x", "ÉTAGE", "é")


def odd_texts(count: int) -> list[str]:
    """Texts of characters that decompose, join, reorder, change their case in more than one way, or are any at all."""
    draw = random.Random(0)
    changed = [chr(n) for n in range(0x110000) if unicodedata.decomposition(chr(n)) or unicodedata.combining(chr(n))]
    pools = (ODD, changed, list(WORDS), [chr(n) for n in (*range(0xD800), *range(0xE000, 0x110000))])
    return ["".join(draw.choice(draw.choice(pools)) for _ in range(draw.randrange(20))) for _ in range(count)]


TEXTS = odd_texts(10_000)
FEW = 500  # of the ways to read that share most of their code with others


def encoder(kind: str = "words", lowercase: bool = True, **sides: object) -> TextEncoder:
    """An encoder that knows about every second token of the odd texts."""
    if kind == GIVEN:
        tokens = [token for text in TEXTS[::2] for token in text.split()]
        vocabulary = Vocabulary.of_tokens(tokens, lowercase=lowercase)
    else:
        vocabulary = Vocabulary.fit(TEXTS[::2], 30_000, kind, lowercase=lowercase)
    return TextEncoder(vocabulary, ("bad", "good"), 8, **sides)


CASES = {
    "words": (encoder(), len(TEXTS)),
    "characters": (encoder("characters"), FEW),
    "as written": (encoder(lowercase=False), FEW),
    "at the end": (encoder(padding="post", truncating="post", skip_top=5), FEW),
    "skipped": (encoder(skip_top=40, truncating="post"), FEW),
    "given": (encoder(GIVEN, padding="post", truncating="post"), FEW),
    "given as written": (encoder(GIVEN, False, padding="post", truncating="post"), FEW),
}
WORDS_READ = CASES["words"][0]


def described(known: TextEncoder) -> dict:
    sides = {"padding": known.padding, "truncating": known.truncating, "skip_top": known.skip_top}
    return {"shape": [known.max_len], "dtype": "int32", **text_description(known.vocabulary, sides)}


def as_the_run(known: TextEncoder, texts: list[str]):
    if known.vocabulary.kind == GIVEN:
        return encode_sentences(known.vocabulary, [text.split() for text in texts], known.max_len)
    return known.encode(texts)


def graph(told: dict):
    import tensorflow as tf

    from seqrun.export.graph.texts import Texts

    texts = Texts(told)
    signature = [tf.TensorSpec([None], tf.string)]
    read = tf.function(lambda given: texts({"texts": given}), input_signature=signature, autograph=False)
    return lambda given: read(tf.constant([text.encode() for text in given], tf.string)).numpy()


@pytest.mark.parametrize(("known", "count"), CASES.values(), ids=CASES)
def test_the_graph_reads_odd_texts_as_the_run_does(known, count):
    texts = TEXTS[-count:]
    wanted = as_the_run(known, texts)
    assert (graph(described(known))(texts) == wanted).all()
    assert (wanted > 2).any(axis=1).mean() > 0.4  # many have words that the vocabulary knows


@pytest.mark.parametrize(("known", "count"), CASES.values(), ids=CASES)
def test_the_reference_reader_reads_odd_texts_as_the_run_does(known, count):
    reader = Reader({"input": described(known), "output": {}})
    assert (reader.inputs(TEXTS[-count:]) == as_the_run(known, TEXTS[-count:])).all()


READ = graph(described(WORDS_READ))


def test_no_texts_are_no_samples():
    assert READ([]).shape == (0, 8)


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_the_graph_reads_any_text_as_the_run_does(texts):
    assert (READ(texts) == WORDS_READ.encode(texts)).all()
