"""Labelled texts in a folder: one sub-folder of .txt files for each class, or two such folders, train/ and test/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.files.opening import decoded
from seqrun.datasets.shared.label_forms import normalised
from seqrun.datasets.text.rows import Row, Samples, collect
from seqrun.errors import DataError
from seqrun.events.events import Emit, Message
from seqrun.machine.opener import read_bytes
from seqrun.readable import counted, listed_names

if TYPE_CHECKING:
    from seqrun.datasets.shared.labelling import Labelling


@dataclass(frozen=True)
class TextFolder:
    """What a folder contains."""

    samples: Samples
    files: list[Path]
    test_from: int | None  # the first sample of test/; None: the data names no test split
    warnings: list[str]


def read_folder(path: Path, encoding: str, labelling: Labelling, merge: Mapping[str, str], emit: Emit) -> TextFolder:
    """Return the texts of every class; `merge` says which folders are counted as which others.

    Raises DataError if there is no class, or train/ and test/ have different ones.
    """
    folders = sub_folders(path)
    warnings = []
    halves = {folder.name: folder for folder in folders if folder.name in ("train", "test")}
    if len(halves) < 2:
        train, test = folders, []
    else:
        train, test = sub_folders(halves["train"]), sub_folders(halves["test"])
        _same_classes(path, train, test, merge)
        if beside := [folder.name for folder in folders if folder.name not in halves]:
            warnings.append(f"{path}: beside train/ and test/, these folders are not read: {', '.join(beside)}")
    files = [file for folder in (*train, *test) for file in text_files(folder)]
    if not files:
        half = f"; beside {next(iter(halves))}/ there must be the other of train/ and test/" if len(halves) == 1 else ""
        raise DataError(f"{path} has no sub-folders with .txt files; there must be one a class{half}")
    if outside := [file for each in dict.fromkeys([path, *_parents(train, test)]) for file in _files(each)]:
        names = ", ".join(file.relative_to(path).as_posix() for file in outside)
        emit(Message(f"{path}: in no class's folder, and so not read: {names}"))
    samples = collect(folder_rows([*train, *test], encoding), labelling)
    emit(Message(f"{path}: {counted(len(files), 'file')} read, {counted(len(samples.texts), 'sample')}"))
    in_train = sum(len(text_files(folder)) for folder in train)
    test_from = sum(i < in_train for i in samples.index) if test else None
    return TextFolder(samples, files, test_from, warnings + _unread(path, [*train, *test]))


def folder_rows(classes: Sequence[Path], encoding: str) -> Iterator[Row]:
    """Yield a row for each .txt file; its label is the name of its folder."""
    for folder in classes:
        for file in text_files(folder):
            where = f"{folder.parent.name}/{folder.name}/{file.name}"
            try:
                yield Row(where, decoded(file, _content(file), encoding), (folder.name,))
            except DataError as error:
                yield Row(where, fault=str(error).removeprefix(f"{file} "))


def _content(file: Path) -> bytes:
    try:
        return read_bytes(file)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from error


def text_files(folder: Path) -> list[Path]:
    """Return the .txt files in a class's folder, sorted by name."""
    return sorted(folder.glob("*.txt"))


def sub_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted by name, without hidden ones."""
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _parents(*halves: Sequence[Path]) -> list[Path]:
    return [folders[0].parent for folders in halves if folders]


def _files(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_file() and not child.name.startswith("."))


def _same_classes(path: Path, train: Sequence[Path], test: Sequence[Path], merge: Mapping[str, str]) -> None:
    found = [[normalised(folder.name) for folder in half] for half in (train, test)]
    of_train, of_test = ({merge.get(name, name) for name in names} for names in found)
    alone = [f"train/{name}" for name in sorted(of_train - of_test)] + [
        f"test/{name}" for name in sorted(of_test - of_train)
    ]
    if alone:
        raise DataError(f"{path}: train/ and test/ must have the same classes; only one has {', '.join(alone)}")


def _unread(path: Path, folders: Sequence[Path]) -> list[str]:
    """Return a warning about anything in the classes' folders that is not a .txt file, and one of empty folders."""
    warnings = []
    names = [
        child.relative_to(path).as_posix()
        for folder in folders
        for child in sorted(folder.iterdir())
        if not child.name.startswith(".") and child.suffix != ".txt"
    ]
    if names:
        count = counted(len(names), "name")
        told = f"{count} in the class folders without the ending .txt, and so not read: {listed_names(names)}"
        warnings.append(f"{path}: {told}")
    if empty := [folder.relative_to(path).as_posix() for folder in folders if not text_files(folder)]:
        warnings.append(f"{path}: no class, for they hold no .txt file: {listed_names(empty)}")
    return warnings
