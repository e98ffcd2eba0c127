"""The peak of memory of a finished run's commands, each a process of its own, beside that of its training."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from benchmarks.processes import IMDB, SEQRUN, finished

REVIEWS = 25_000
CONFIG = """extends: {base}
name: memory
dataset: {{name: text, path: {texts}, text: text, label: label, num_words: 10000, max_len: 128}}
trainer: {{epochs: 1, early_stopping: false, reduce_lr: false}}
"""


def texts(file: Path, reviews: int) -> None:
    """Write a CSV file of so many labelled reviews, as long as the published ones."""
    rng = np.random.default_rng(0)
    frequencies = 1 / (np.arange(1, 50_001) + 2.7)
    cumulative = np.cumsum(frequencies / frequencies.sum())
    with file.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("text", "label"))
        for number in range(reviews):
            length = int(np.clip(np.exp(rng.normal(5.2, 0.65)), 10, 2_500))
            words = np.searchsorted(cumulative, rng.random(length))
            rows.writerow((" ".join(f"word{word}" for word in words), ("bad", "good")[number % 2]))


def memory(folder: Path, rounds: int, reviews: int = REVIEWS) -> dict[str, list[float]]:
    """Return command -> its peak of memory in MB in each round: the training first, of imdb_lstm on a file of texts."""
    file, config, runs = folder / "reviews.csv", folder / "memory.yaml", folder / "memory"
    texts(file, reviews)
    config.write_text(CONFIG.format(base=IMDB, texts=file))
    train = [*SEQRUN, "train", str(config), "--no-cache", "--runs-dir", str(runs)]
    finished(train, folder)
    [run] = map(str, runs.iterdir())
    asked = ["--input", str(file), "-o"]
    commands = {
        "seqrun train CONFIG": train,
        "seqrun evaluate RUN": [*SEQRUN, "evaluate", run],
        "seqrun evaluate RUN --input FILE": [*SEQRUN, "evaluate", run, *asked, str(folder / "evaluated.csv")],
        "seqrun predict RUN --input FILE": [*SEQRUN, "predict", run, *asked, str(folder / "predicted.csv")],
        "seqrun predict RUN --text TEXT": [*SEQRUN, "predict", run, "--text", "a fine film"],
    }
    return {name: [finished(command, folder)[1] for _ in range(rounds)] for name, command in commands.items()}
