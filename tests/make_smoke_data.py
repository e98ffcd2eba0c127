"""Makes configs/smoke/data: made-up reviews, weather, boardings, loads, digits, gestures and more, quick to train on.

Where data are published, these have the published layout.

Run it as `python tests/make_smoke_data.py`; it writes the same data every time.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
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


def topics(folder: Path) -> None:
    """`topics.csv`: 300 texts about none to all of four topics, each of which has words of its own."""
    rng = random.Random(9)
    words = made_up_words(rng)
    names = ("music", "sport", "travel", "weather")
    common, *telling = ([next(words) for _ in range(count)] for count in (200, 12, 12, 12, 12))
    rows = []
    for _ in range(300):
        about = [number for number, share in enumerate((0.5, 0.4, 0.3, 0.2)) if rng.random() < share]
        text = rng.choices(common, [1 / (rank + 1) for rank in range(200)], k=rng.randint(12, 20))
        text += [rng.choice(telling[number]) for number in about for _ in range(rng.randint(1, 4))]
        rng.shuffle(text)
        rows.append((" ".join(text).capitalize() + ".", "; ".join(names[number] for number in about)))
    write_table(folder / "topics.csv", ("text", "topics"), rows)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def drifting(rng: random.Random, step: float, memory: float = 0.95) -> Iterator[float]:
    """Noise that remembers."""
    value = 0.0
    while True:
        value = memory * value + rng.gauss(0, step)
        yield value


def wave(position: float, period: float) -> float:
    """A sine of so many rows."""
    return math.sin(2 * math.pi * position / period)


JENA_COLUMNS = (
    *("Date Time", "p (mbar)", "T (degC)", "Tpot (K)", "Tdew (degC)", "rh (%)", "VPmax (mbar)", "VPact (mbar)"),
    *("VPdef (mbar)", "sh (g/kg)", "H2OC (mmol/mol)", "rho (g/m**3)", "wv (m/s)", "max. wv (m/s)", "wd (deg)"),
)


def jena(folder: Path) -> None:
    """`jena_climate_2009_2016.csv`: 500 rows of weather, ten minutes apart, its 14 features as physics ties them."""
    rng = random.Random(3)
    pressures, warmths, damps, winds = (drifting(rng, step, 0.98) for step in (0.3, 0.2, 1.5, 0.3))
    rows = []
    for number in range(500):
        time = datetime(2009, 1, 1, 0, 10) + timedelta(minutes=10 * number)
        p = 990 + next(pressures)
        t = 4 + 5 * wave(number - 54, 144) + next(warmths)
        rh = min(max(75 - 12 * wave(number - 54, 144) + next(damps), 20), 100)
        vp_max = 6.1078 * math.exp(17.08085 * t / (234.175 + t))  # Magnus
        vp = vp_max * rh / 100
        log = math.log(vp / 6.1078)
        dew = 234.175 * log / (17.08085 - log)
        kelvin = t + 273.15
        wind = abs(2 + next(winds))
        moisture = (622 * vp / (p - 0.378 * vp), 1000 * vp / p)
        density = 100 * (p - 0.378 * vp) / (287.05 * kelvin) * 1000
        air = (p, t, kelvin * (1000 / p) ** 0.286, dew, rh, vp_max, vp, vp_max - vp, *moisture, density)
        moved = (wind, wind * rng.uniform(1.2, 2), rng.uniform(0, 360))
        rows.append((time.strftime("%d.%m.%Y %H:%M:%S"), *(round(value, 2) for value in (*air, *moved))))
    write_table(folder / "jena_climate_2009_2016.csv", JENA_COLUMNS, rows)


def ridership(folder: Path) -> None:
    """The boardings of 2016 to 2019, a row a day, two days twice and not all in order, as in the published file."""
    rng = random.Random(4)
    means = {"W": (830_000, 720_000), "A": (520_000, 430_000), "U": (380_000, 330_000)}
    rows = []
    for number in range((date(2020, 1, 1) - date(2016, 1, 1)).days):
        day = date(2016, 1, 1) + timedelta(days=number)
        holiday = (day.month, day.day) in ((1, 1), (7, 4), (12, 25))
        kind = "U" if holiday or day.weekday() == 6 else "A" if day.weekday() == 5 else "W"
        season = 1 - 0.08 * wave(number + 80, 365.25)
        bus, rail = (round(mean * season * rng.gauss(1, 0.03)) for mean in means[kind])
        rows.append((day.strftime("%m/%d/%Y"), kind, bus, rail, bus + rail))
    rows[40:40] = rows[30:32]
    name = "CTA_-_Ridership_-_Daily_Boarding_Totals.csv"
    write_table(folder / name, ("service_date", "day_type", "bus", "rail_boardings", "total_rides"), rows)


def loads(folder: Path) -> None:
    """`series.csv`: 1,000 hours of a load that follows hour, weekday and temperature."""
    rng = random.Random(5)
    warmths, winds, moods = (drifting(rng, step) for step in (0.5, 0.4, 0.6))
    rows = []
    for hour in range(1000):
        time = datetime(2024, 1, 1) + timedelta(hours=hour)
        temperature = 6 + 4 * wave(hour - 9, 24) + next(warmths)
        wind = abs(4 + next(winds))
        working = 6 if time.weekday() < 5 else 0
        load = 60 + 15 * wave(hour - 6, 24) + working - 0.5 * temperature + next(moods)
        price = 20 + 0.5 * load - 2 * wind + rng.gauss(0, 1)
        rows.append((time.isoformat(" "), *(round(value, 2) for value in (load, temperature, wind, price))))
    write_table(folder / "series.csv", ("time", "load", "temperature", "wind", "price"), rows)


def tagged(folder: Path) -> None:
    """`tagged.txt`: 120 sentences of two documents, with parts of speech and, by the same words, people and places."""
    rng = random.Random(6)
    words = made_up_words(rng)
    nouns, verbs, names = ([next(words) for _ in range(count)] for count in (12, 8, 16))
    names = [name.capitalize() for name in names]
    things = [[("the", "DET", "O"), (noun, "NOUN", "O")] for noun in nouns]
    acts = [[(verb, "VERB", "O")] for verb in verbs]
    people = [[(a, "PROPN", "B-PER"), (b, "PROPN", "I-PER")] for a in names for b in names]
    places = [[("in", "ADP", "O"), (name, "PROPN", "B-LOC")] for name in names]
    forms = ((things, acts, things), (people, acts), (things, acts, people), (people, acts, places), (places, acts))
    lines = []
    for number in range(120):
        lines += ["-DOCSTART- -X- O", ""] if number % 60 == 0 else []
        rows = itertools.chain.from_iterable(rng.choice(part) for part in rng.choice(forms))
        lines += [" ".join(row) for row in rows] + [". PUNCT O", ""]
    (folder / "tagged.txt").write_text("\n".join(lines), encoding="utf-8")


FONT = (  # the digits 0 to 9, seven rows of five dots each, # is ink
    ".###. #...# #...# #...# #...# #...# .###.",
    "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    ".###. #...# ....# ...#. ..#.. .#... #####",
    "##### ...#. ..#.. ...#. ....# #...# .###.",
    "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "##### #.... ####. ....# ....# #...# .###.",
    "..##. .#... #.... ####. #...# #...# .###.",
    "##### ....# ...#. ..#.. .#... .#... .#...",
    ".###. #...# #...# .###. #...# #...# .###.",
    ".###. #...# #...# .#### ....# ...#. .##..",
)


def mnist(folder: Path) -> None:
    """`mnist.npz`: 200 training and 100 test pictures of printed digits, moved, slanted, with soft edges."""
    rng = random.Random(7)
    arrays = {}
    for half, count in (("train", 200), ("test", 100)):
        labels = [number % 10 for number in range(count)]
        rng.shuffle(labels)
        arrays[f"x_{half}"] = np.array([picture(rng, FONT[label]) for label in labels], np.uint8)
        arrays[f"y_{half}"] = np.array(labels, np.uint8)
    np.savez_compressed(folder / "mnist.npz", **arrays)


def picture(rng: random.Random, glyph: str) -> np.ndarray:
    """(28, 28) intensities, 0 to 255: a glyph three times its size, somewhere near the middle."""
    dots = np.array([[dot == "#" for dot in row] for row in glyph.split()])
    ink = np.zeros((28, 28))
    top, left, slant = rng.randint(2, 5), rng.randint(5, 8), rng.uniform(-0.15, 0.15)
    for row, line in enumerate(np.kron(dots, np.ones((3, 3)))):
        first = left + round(slant * (10 - row))
        ink[top + row, first : first + len(line)] = line
    soft = sum(np.roll(ink, move, axis) for move in (-1, 1) for axis in (0, 1)) / 4
    return np.minimum(ink + soft / 2, 1) * rng.randint(200, 255)


def gestures(folder: Path) -> None:
    """`sequences.npz`: 150 two-dimensional paths of three kinds, 6 to 16 steps long, NaN past their ends."""
    rng = random.Random(8)
    kinds = ("circle", "line", "zigzag")
    x, y = np.full((150, 16, 2), np.nan, np.float32), []
    for path in x:
        kind, length = rng.choice(kinds), rng.randint(6, 16)
        start, size = rng.uniform(0, 2 * math.pi), rng.uniform(2, 4)
        for step in range(length):
            angle = start + {"circle": 0.7 * step, "line": 0, "zigzag": 1.6 * (step % 2)}[kind]
            path[step] = [round(size * f(angle) + rng.gauss(0, 0.2), 1) for f in (math.cos, math.sin)]
        y.append(kind)
    np.savez_compressed(folder / "sequences.npz", x=x, y=np.array(y))


def wines(folder: Path) -> None:
    """`wines.csv`: 180 descriptions, from 3 to 20 words long, and a price, which half of the words raise or lower."""
    rng = random.Random(10)
    made_up = made_up_words(rng)
    words = [next(made_up) for _ in range(30)]
    worth = {word: rng.gauss(0, 1) if number % 2 else 0 for number, word in enumerate(words)}
    rows = []
    for _ in range(180):
        described = rng.choices(words, k=rng.randint(3, 20))
        price = 24 + 20 * sum(worth[word] for word in described) / len(described) + rng.gauss(0, 1)
        rows.append((" ".join(described), f"{price:.2f}"))
    write_table(folder / "wines.csv", ("description", "price"), rows)


def swings(folder: Path) -> None:
    """`swings.npz`: 180 swings of 24 steps from any place; `y` has how far and, in steps, how long each swings."""
    rng = random.Random(11)
    x, y = np.empty((180, 24), np.float32), np.empty((180, 2))
    for swing, numbers in zip(x, y, strict=True):
        amplitude, period, start = rng.uniform(1, 5), rng.uniform(4, 12), rng.uniform(0, 24)
        swing[:] = [round(amplitude * wave(step - start, period) + rng.gauss(0, 0.1), 1) for step in range(24)]
        numbers[:] = round(amplitude, 2), round(period, 1)
    np.savez_compressed(folder / "swings.npz", x=x, y=y)


def make(folder: Path) -> None:
    """Writes every file into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in (imdb, reviews, topics, jena, ridership, loads, tagged, mnist, gestures, wines, swings):
        each(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
