"""Which files of a folder are the splits of a tagged corpus."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from seqrun.errors import DataError
from seqrun.events.events import Emit, Message

# Part of a file's name -> its split; testa and testb are those of the CoNLL shared tasks.
SPLITS = {
    "train": "train",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "testa": "validation",
    "test": "test",
    "testb": "test",
}


def split_files(folder: Path, emit: Emit) -> Mapping[str, Path]:
    """Return each split's file, recognised by a word in its name: train.txt, eng.testa, en_ewt-ud-dev.conllu.

    Raises DataError if there is no training file, or if two files are of the same split.
    """
    found: dict[str, list[Path]] = {"train": [], "validation": [], "test": []}
    others: list[Path] = []
    for file in sorted(child for child in folder.iterdir() if child.is_file() and not child.name.startswith(".")):
        words = re.findall("[a-z]+", file.name.lower())
        split = next((SPLITS[word] for word in words if word in SPLITS), None)
        (others if split is None else found[split]).append(file)
    if not found["train"]:
        raise DataError(f"{folder}: no file's name has the word train; validation and test files: dev, valid, test")
    for split, files in found.items():
        if len(files) > 1:
            names = ", ".join(file.name for file in files)
            raise DataError(f"{folder}: the {split} split is one file, here are {len(files)}: {names}")
    if others:
        emit(Message(f"{folder}: of no split, and so not read: {', '.join(file.name for file in others)}"))
    return {split: files[0] for split, files in found.items() if files}
