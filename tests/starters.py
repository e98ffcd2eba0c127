"""The starters of `seqrun init`, filled in with tiny files, for the tests of several files."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from commands import SMOKE

# Starter -> the file that it names, the smoke configs' file that becomes it, and what stands otherwise there.
FILES = {
    "text": ("reviews.csv", "reviews.csv", {"text: text": "text: review", "label: label": "label: rating"}),
    "series": ("series.csv", "series.csv", {"lookback: 96": "lookback: 24"}),
    "sequences": ("sequences.npz", "sequences.npz", {}),
    "tagger": ("tagged.txt", "tagged.txt", {}),
    "multilabel": ("articles.csv", "topics.csv", {"label: labels": "label: topics"}),
    "regressor": ("wines.csv", "wines.csv", {}),
    "autoencoder": ("samples.npz", "sequences.npz", {}),
    "many_series": ("shops.csv", None, {}),
}
_TRAINERS = {"text": "classifier", "series": "forecaster", "sequences": "classifier", "many_series": "forecaster"}


def trainer_of(name: str) -> str:
    """Return the trainer that a starter's name promises."""
    return _TRAINERS.get(name, name)


def fill_in(name: str) -> None:
    """Write the file that a starter names into the working directory, and that file's columns into the starter."""
    file, smoke, changes = FILES[name]
    if smoke is not None:
        shutil.copy(SMOKE / "data" / smoke, file)
    else:
        days = [date(2024, 1, 1) + timedelta(number) for number in range(200)]
        rows = [f"{day},{shop},{100 * shop + number % 7}" for shop in (1, 20) for number, day in enumerate(days)]
        Path(file).write_text("\n".join(["date,shop,sales", *rows]))
    text = Path(f"{name}.yaml").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    Path(f"{name}.yaml").write_text(text)
