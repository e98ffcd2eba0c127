"""Makes configs/smoke/data: reviews of made-up words in the published layouts, small enough to train on in seconds.

Run it as `python tests/make_smoke_data.py`; it writes the same data every time.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent.parent / "configs" / "smoke" / "data"


def made_up_words(rng: random.Random) -> Iterator[str]:
    """Pronounceable words, none twice."""
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    words = ["".join(pair) for pair in itertools.product(syllables, syllables)]
    rng.shuffle(words)
    return iter(words)


def words_of(rng: random.Random, common: Sequence[str], telling: Sequence[Sequence[str]], kind: int) -> list[str]:
    """A text of one kind: common words, the first the most frequent; 1 in 6 tells the kind, rightly 4 times of 5."""
    weights = [1 / (rank + 1) for rank in range(len(common))]
    words = rng.choices(common, weights, k=rng.randint(20, 60))
    for i in range(len(words)):
        if rng.random() < 1 / 6:
            right = rng.random() < 0.8
            words[i] = rng.choice(telling[kind if right else rng.randrange(len(telling))])
    return words


def imdb(folder: Path) -> None:
    """`imdb.npz` (400 training and 200 test reviews, sorted by label as the real file may be) and its word index."""
    rng = random.Random(1)
    words = made_up_words(rng)
    common, *telling = ([next(words) for _ in range(count)] for count in (400, 40, 40))
    labels = {"train": [0] * 200 + [1] * 200, "test": [1] * 100 + [0] * 100}
    reviews = {half: [words_of(rng, common, telling, label) for label in labels[half]] for half in labels}
    counts = Counter(itertools.chain.from_iterable(reviews["train"]))
    index = {word: rank for rank, word in enumerate(sorted(counts, key=lambda w: (-counts[w], w)), start=1)}
    arrays = {}
    for half in labels:
        ranks = [[index[word] for word in review if word in index] for review in reviews[half]]
        arrays[f"x_{half}"] = np.array(ranks, dtype=object)
        arrays[f"y_{half}"] = np.array(labels[half], dtype=np.int64)
    np.savez_compressed(folder / "imdb.npz", **arrays)
    (folder / "imdb_word_index.json").write_text(json.dumps(index))


def reviews(folder: Path) -> None:
    """`reviews.csv`: 300 texts of three classes, some with commas, quotes and line breaks."""
    rng = random.Random(2)
    words = made_up_words(rng)
    classes = ("bad", "fair", "good")
    common, *telling = ([next(words) for _ in range(count)] for count in (200, 30, 30, 30))
    marks = (" ", " ", " ", " ", ", ", '" ', "\n")
    with (folder / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["review", "rating"])
        for _ in range(300):
            kind = rng.randrange(3)
            text = "".join(word + rng.choice(marks) for word in words_of(rng, common, telling, kind))
            rows.writerow([f"{text.strip().capitalize()}.", classes[kind]])


def make(folder: Path) -> None:
    """Writes every file into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    imdb(folder)
    reviews(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
