"""Texts of which a vocabulary knows little: unknown words, and scripts that put no spaces between words."""

from __future__ import annotations

from collections.abc import Sequence

from seqrun.components.splits import Split, Splits, Windows
from seqrun.components.unknown import count_tokens, told, unknown_shares
from seqrun.components.vocabulary import tokenize
from seqrun.readable import listed_names

HIGH, HIGH_OF_FEW = 0.3, 0.5  # of the tokens of validation or test, and of fewer than ENOUGH; more than that are many
ENOUGH = 200
LOOKED_AT = 500  # texts
MOST_LETTERS = 0.5
LONG = 4  # characters: words of these scripts have one to three
# The first and the last character of scripts that put no spaces between words (Unicode's blocks of Thai, Lao, Tibetan,
# Myanmar, Khmer, the Japanese syllabaries, and Chinese characters).
UNSPACED = (
    ("\u0e00", "\u0eff"),
    ("\u0f00", "\u0fff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\U00020000", "\U0003ffff"),
)


def unknown_doubts(splits: Splits, training: Sequence[str], setting: str) -> list[str]:
    """Return warnings of splits with many unknown tokens, and of training texts that are not divided into words.

    `setting` names what would make more tokens known.
    """
    shares, vocabulary = unknown_shares(splits), splits.spec.vocabulary
    doubts = []
    if vocabulary is not None and vocabulary.kind == "words" and undivided(training):
        doubts.append(
            "most letters are of a script without spaces between words, so that whole clauses are taken for words: "
            "dataset.tokens: characters"
        )
    if any(shares.get(name, 0) > _high(getattr(splits, name)) for name in ("validation", "test")):
        doubts.append(f"many tokens are unknown: {told(shares)}; the vocabulary is that of training ({setting})")
    return doubts


def _high(part: Split | Windows) -> float:
    """Return which share of unknown tokens is more than what there may be by chance."""
    return HIGH if isinstance(part, Split) and count_tokens(part) >= ENOUGH else HIGH_OF_FEW


def undivided(texts: Sequence[str]) -> bool:
    """Return whether most letters of the texts are of scripts without spaces, and stand in long stretches."""
    words = [word for text in texts[:LOOKED_AT] for word in tokenize(text, "words")]
    letters = sum(char.isalpha() for word in words for char in word)
    counts = [sum(map(_unspaced, word)) for word in words]
    holding = [count for count in counts if count]
    return bool(holding) and sum(holding) > MOST_LETTERS * letters and sum(holding) > LONG * len(holding)


def _unspaced(char: str) -> bool:
    return char >= UNSPACED[0][0] and any(first <= char <= last for first, last in UNSPACED)


# --- new texts --------------------------------------------------------------------------------------------------------


def unread_warning(known: Sequence[bool], index: Sequence[int], what: str) -> str | None:
    """Return a warning of new texts without any known token, if there are some; `index` are their row numbers."""
    unread = [str(row) for row, is_known in zip(index, known, strict=True) if not is_known]
    if not unread:
        return None
    rows = "" if len(known) == 1 else f": row {listed_names(unread)}"
    one = "the" if len(known) == 1 else f"{len(unread):,} of {len(known):,}"
    return (
        f"the run knows no word of {one} {what if len(known) == 1 else f'{what}s'}{rows}; "
        "what it predicts of such a text says nothing"
    )
