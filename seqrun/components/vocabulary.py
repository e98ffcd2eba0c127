"""Token ids and the words that they stand for, fitted on the training split alone."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Final, Literal

from seqrun.components.from_json import check_range, instance, read_object
from seqrun.errors import DataError

VOCABULARY_FILE = "vocabulary.json"

PAD, START, UNKNOWN = 0, 1, 2
SPECIALS = ("[PAD]", "[START]", "[UNK]")  # the words of ids 0, 1 and 2

Kind = Literal["words", "characters"]
GIVEN: Final = "given"  # tokens that stand in the data as such; in a text, between white space

_PUNCTUATION = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_ELLIPSIS = "\x85"


@dataclass(frozen=True)
class Vocabulary:
    """Token ids 0..size-1. `words` holds the words of the first ids; None if only the ids are known."""

    size: int
    words: tuple[str, ...] | None
    kind: Kind | Literal["given"] = "words"
    lowercase: bool = True

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        num_words: int,
        kind: Kind = "words",
        *,
        lowercase: bool = True,
        specials: tuple[str, ...] = SPECIALS,
    ) -> Vocabulary:
        """Return a vocabulary of up to `num_words` ids: the special words, then the most frequent tokens of the texts.

        The most frequent token comes first. Equally frequent ones are in alphabetical order, whatever order the texts
        are in.
        """
        counts = Counter(chain.from_iterable(tokenize(text, kind, lowercase=lowercase) for text in texts))
        words = (*specials, *_ranked(counts)[: num_words - len(specials)])
        return cls(len(words), words, kind, lowercase)

    @classmethod
    def of_tokens(
        cls, tokens: Iterable[str], num_words: int | None = None, *, lowercase: bool = True, min_count: int = 1
    ) -> Vocabulary:
        """Return a vocabulary of the given tokens that occur at least `min_count` times, of up to `num_words` ids."""
        counts = Counter(normalize(token, lowercase=lowercase) for token in tokens)
        words = (*SPECIALS, *(token for token in _ranked(counts) if counts[token] >= min_count))[:num_words]
        return cls(len(words), words, GIVEN, lowercase)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each word, without the special words; empty if no words are known."""
        words = enumerate(self.words or ())
        if self.kind == GIVEN:  # such a token may look like a special word
            return {word: i for i, word in words if i >= len(SPECIALS)}
        return {word: i for i, word in words if not _is_special(word)}

    def encode(self, text: str) -> list[int]:
        """Return the id of each token, UNKNOWN for unknown ones; START comes first unless the kind is GIVEN."""
        if self.words is None:
            raise DataError("text cannot be encoded: the data came as bare ids, without the words they stand for")
        if self.kind == GIVEN:
            return self.encode_tokens(text.split())
        tokens = tokenize(text, self.kind, lowercase=self.lowercase)
        return [START, *(self.ids.get(token, UNKNOWN) for token in tokens)]

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text, as the vocabulary has them."""
        if self.kind == GIVEN:
            return [normalize(token, lowercase=self.lowercase) for token in text.split()]
        return tokenize(text, self.kind, lowercase=self.lowercase)

    def encode_tokens(self, tokens: Iterable[str]) -> list[int]:
        """Return the id of each given token; UNKNOWN for unknown tokens."""
        return [self.ids.get(normalize(token, lowercase=self.lowercase), UNKNOWN) for token in tokens]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of the ids, without padding and start; the ids themselves if no words are known."""
        shown = [int(i) for i in ids if i not in (PAD, START)]
        if self.words is None:
            return " ".join(map(str, shown))
        words = (self.words[i] if i < len(self.words) else SPECIALS[UNKNOWN] for i in shown)
        return ("" if self.kind == "characters" else " ").join(words)

    def to_json(self) -> bytes:
        """Return the vocabulary as JSON, for `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Vocabulary:
        """Return the vocabulary that `to_json` wrote; raise DataError if the content is something else."""
        try:
            found = instance(cls, read_object(content))
            check_range("size", found.size, len(found.words or ()))
        except ValueError as error:
            raise DataError(f"this is no vocabulary: {error}") from error
        return found


def tokenize(text: str, kind: Kind, *, lowercase: bool = True) -> list[str]:
    """Return the words or characters of a text.

    Words are split as in the published IMDB data (by keras.preprocessing's Tokenizer): at white space and at ASCII
    punctuation other than the apostrophe; "<br />" leaves the word "br". Text is normalised first (Unicode NFC), so
    that an accented letter is one character however it was typed. All white space of Unicode separates, the no-break
    space (U+00A0) too; of it, Keras' Tokenizer splits at blank, tab and line feed alone. Keras' TextVectorization
    removes punctuation, where this splits: "e-mail" and "don't" become "email" and "dont" there.
    """
    text = normalize(text, lowercase=lowercase)
    if kind == "characters":
        return list(text)
    return [word for word in text.translate(_separators()).split(" ") if word]


def normalize(text: str, *, lowercase: bool) -> str:
    """Return the text in Unicode's NFC, in lower case if `lowercase`."""
    text = unicodedata.normalize("NFC", text)
    return text.lower() if lowercase else text


def _ranked(counts: Counter[str]) -> list[str]:
    """Return the tokens, the most frequent first; equally frequent ones in alphabetical order."""
    return sorted(counts, key=lambda token: (-counts[token], token))


def separators() -> str:
    """Return every character that separates words.

    U+0085 does not separate words: the published data has it within them.
    """
    spaces = (chr(c) for c in range(0x3001) if chr(c).isspace())  # U+3000 is the last white space of Unicode
    return "".join(c for c in (*spaces, *_PUNCTUATION) if c != _ELLIPSIS)


@cache
def _separators() -> dict[int, str]:
    """Return a translation table from every character that separates words to a blank."""
    return {ord(c): " " for c in separators()}


def _is_special(word: str) -> bool:
    # No token is: words hold no brackets, and characters are one letter long.
    return len(word) > 2 and word[0] == "[" and word[-1] == "]"
