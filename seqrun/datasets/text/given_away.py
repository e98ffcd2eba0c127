"""Words that give the label away: the label's own name, or a mark of where the texts come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.components.leaks import GIVEN_AWAY, Leak
from seqrun.components.vocabulary import tokenize
from seqrun.readable import listed_names

LOOKED_AT = 2000  # training texts, evenly from all of them
FEWEST = 20  # of a class, and beside it: of fewer, words that stand in all by chance are many
OF_NAME = (0.9, 0.1)  # shares of the texts of a class and of the others, of a word of the label's own name
OF_ANY = (0.99, 0.001)  # of any other word: a language has words that stand in most of its texts, and in no other's
MEND = "texts without these words, if new ones will not have them"


@dataclass(frozen=True)
class Telltale:
    """A word that tells of a text that it is of a class."""

    word: str
    label: str
    share: float  # of the class's texts that have it
    elsewhere: float  # of the others

    def __str__(self) -> str:
        others = "none" if self.elsewhere == 0 else f"{self.elsewhere:.1%}"
        return f"{self.word!r} in {self.share:.0%} of the texts labelled {self.label!r} and in {others} of the others"


def telltales(texts: Sequence[str], classes: np.ndarray, names: Sequence[str]) -> list[Telltale]:
    """Return for each class that a single word tells the one that does it best.

    `texts` are those of training, in lower case, and `classes` (texts,) say of which of the `names` each is. A word
    tells a class if it stands in 99% of its texts and in 0.1% of the others at most, or, if it is of the class's own
    name, in 90% and in 10%: what separates classes by meaning, as words of praise do, comes nowhere near.
    """
    chosen = np.linspace(0, len(texts) - 1, min(len(texts), LOOKED_AT)).astype(np.int64)
    counts, sizes = [Counter[str]() for _ in names], np.zeros(len(names), np.int64)
    for place in chosen:
        number = int(classes[place])
        counts[number].update({*tokenize(texts[place], "words")})
        sizes[number] += 1
    total = sum(counts, Counter[str]())
    found = (_best(counts[n], total, int(sizes[n]), int(sizes.sum()), name) for n, name in enumerate(names))
    return [each for each in found if each is not None]


def _best(own: Counter[str], total: Counter[str], size: int, texts: int, name: str) -> Telltale | None:
    """Return the word that tells a class of `size` texts best, given in how many of its and of all `texts` each is."""
    if min(size, texts - size) < FEWEST:
        return None
    named = {*tokenize(name.lower(), "words")}
    found = []
    for word, count in own.items():
        share, elsewhere = count / size, (total[word] - count) / (texts - size)
        least, most = OF_NAME if word in named else OF_ANY
        if share >= least and elsewhere <= most:
            found.append(Telltale(word, name, share, elsewhere))
    return max(found, key=lambda each: (each.share - each.elsewhere, each.word), default=None)


def given_away(found: Sequence[Telltale], classes: int) -> tuple[list[str], tuple[Leak, ...]]:
    """Return a warning and the finding of words that tell classes, of which there are so many; nothing of none."""
    if not found:
        return [], ()
    told = listed_names([*map(str, found)], 3)
    warning = f"a single word gives the label away: {told}; if new texts do not have it, results do not hold for them"
    return [warning], (Leak(GIVEN_AWAY, f"classes that a single word gives away: {told}", len(found), classes, MEND),)
