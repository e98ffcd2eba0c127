"""The data that is trained on: the published files where a folder has them, else generated ones of their layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.cases import JENA, RIDERSHIP, ROOT, TAGGED
from seqrun.components.splits import Split, Windows

JENA_ROWS, JENA_FEATURES = 60_000, 14
SENTENCES, WORDS, TAGS = 3_000, 20_000, ("O", *(f"{place}-{kind}" for kind in ("A", "B", "C", "D") for place in "BI"))


def data_folder(given: Path | None, folder: Path, left_out: tuple[str, ...] = ()) -> dict[str, str]:
    """Makes `folder` with every file under its published name; of each, whether it is `published` or `generated`.

    Those that `given` has are taken from there, without the ones that are left out.
    """
    folder.mkdir()
    for file in (file for file in given.iterdir() if file.name not in left_out) if given else ():
        (folder / file.name).symlink_to(file.absolute())
    makers = {"imdb.npz": _imdb, "mnist.npz": _mnist, JENA: _jena, RIDERSHIP: _ridership, TAGGED: _tagged}
    kinds = {}
    for name, make in makers.items():
        kinds[name] = "published" if (folder / name).is_file() else "generated"
        if kinds[name] == "generated":
            make(folder / name)
    return kinds


def _imdb(path: Path) -> None:
    """50,000 reviews with the lengths and word frequencies of the published ones; 1 word in 10 tells the class."""
    rng = np.random.default_rng(0)
    frequencies = 1 / (np.arange(1, 88_585) + 2.7)  # Zipf and Mandelbrot
    cumulative = np.cumsum(frequencies / frequencies.sum())
    arrays = {}
    for half in ("train", "test"):
        labels = rng.permutation(np.arange(25_000) % 2)
        lengths = np.clip(np.exp(rng.normal(5.2, 0.65, 25_000)), 10, 2_500).astype(int)
        words = 1 + np.searchsorted(cumulative, rng.random(lengths.sum()))
        telling = rng.random(len(words)) < 0.1
        words[telling] += (words[telling] + np.repeat(labels, lengths)[telling]) % 2  # an odd rank, or an even one
        reviews = np.empty(25_000, object)
        reviews[:] = [part.tolist() for part in np.split(np.minimum(words, 88_584), np.cumsum(lengths)[:-1])]
        arrays |= {f"x_{half}": reviews, f"y_{half}": labels}
    np.savez(path, **arrays)


def _mnist(path: Path) -> None:
    rng = np.random.default_rng(0)
    halves = {"train": 20_000, "test": 1_000}
    arrays = {f"x_{half}": rng.integers(0, 256, (count, 28, 28), np.uint8) for half, count in halves.items()}
    np.savez(path, **arrays, **{f"y_{half}": np.arange(count, dtype=np.uint8) % 10 for half, count in halves.items()})


def _jena(path: Path) -> None:
    columns = ["Date Time", "T (degC)", *(f"feature {number}" for number in range(1, JENA_FEATURES))]
    times = np.datetime64("2009-01-01T00:10") + np.arange(JENA_ROWS) * np.timedelta64(10, "m")
    values = np.random.default_rng(0).standard_normal((JENA_ROWS, JENA_FEATURES)).cumsum(axis=0)
    with path.open("w") as file:
        file.write(",".join(columns) + "\n")
        for time, row in zip(times.astype(object), values, strict=True):
            file.write(f"{time:%d.%m.%Y %H:%M:%S},{','.join(f'{value:.2f}' for value in row)}\n")


def _ridership(path: Path) -> None:
    """The smoke configs' own, generated too."""
    path.symlink_to(ROOT / "configs" / "smoke" / "data" / RIDERSHIP)


def _tagged(path: Path) -> None:
    """Sentences as long as those of newspapers, 14 tokens in the middle and 60 at most; a word often has one tag."""
    rng = np.random.default_rng(0)
    frequencies = 1 / (np.arange(1, WORDS + 1) + 2.7)
    usual = rng.choice(len(TAGS), WORDS, p=[0.8, *[0.025] * 8])
    with path.open("w") as file:
        for length in np.clip(np.exp(rng.normal(2.6, 0.6, SENTENCES)), 1, 60).astype(int):
            words = rng.choice(WORDS, length, p=frequencies / frequencies.sum())
            tags = np.where(rng.random(length) < 0.9, usual[words], 0)
            lines = (f"w{word} {TAGS[tag]}" for word, tag in zip(words, tags, strict=True))
            file.write("\n".join(lines) + "\n\n")


def arrays(split: Split | Windows) -> tuple[np.ndarray, np.ndarray]:
    """A split's inputs and targets, as one would hand them to `fit`.

    Windows are cut; a digit is its own target; a step of padding has the tag NO_TAG.
    """
    if isinstance(split, Windows):
        starts = split.starts[:, None]
        targets = split.values[starts[..., None] + split.target_rows]  # (samples, time, horizon, 1)
        return split.inputs().astype(np.float32), targets[..., 0].astype(np.float32)
    if split.inputs.dtype == np.float32:
        return split.inputs, split.inputs
    if split.targets.ndim == 2:
        return split.inputs, split.targets
    return split.inputs, split.targets.astype(np.float32)[:, None]


def classic_generator(windows: Windows, batch_size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless batches of random windows, filled one after another: Chollet, Deep Learning with Python, 2017, 6.3."""
    data = windows.features.astype(np.float64)  # as pandas reads it
    first, past = windows.segments[0]
    lookback, step = windows.input_rows[-1] + 1, windows.input_rows[1] - windows.input_rows[0]
    delay = windows.target_rows[0] - lookback
    while True:
        rows = np.random.randint(first + lookback, past - delay, size=batch_size)
        samples = np.zeros((len(rows), lookback // step + 1, data.shape[-1]))
        targets = np.zeros((len(rows),))
        for number, row in enumerate(rows):
            samples[number] = data[range(row - lookback, row, step)]
            targets[number] = windows.values[row + delay, 0]
        yield samples, targets
