"""What the beginnings of CoNLL-style files hold against the settings of the dataset `conll`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.shared.heads import beginning
from seqrun.datasets.shared.written import undecodable
from seqrun.datasets.tagged.files import split_files
from seqrun.datasets.tagged.reading import Layout, column_faults, lines_of, undivided
from seqrun.errors import DataError, MissingData, Problem

_PATH, _ENCODING = ("dataset", "path"), ("dataset", "encoding")


def look_at_sentences(path: Path, layout: Layout) -> Iterator[Problem]:
    """Yield what is wrong with a file, or with those of a folder."""
    if faults := [*path_problems(path)]:
        yield from faults
        return
    try:
        files = split_files(path, lambda event: None).values() if path.is_dir() else [path]
    except DataError as error:
        yield MissingData(_PATH, str(error))
        return
    for file in files:
        yield from _file_problems(file, layout)


def _file_problems(path: Path, layout: Layout) -> Iterator[Problem]:
    try:
        text, _ = beginning(path, layout.encoding)
    except DataError as error:
        yield Problem(_ENCODING, str(error)) if "dataset.encoding:" in str(error) else MissingData(_PATH, str(error))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if fault := undecodable(line):
            yield Problem(_ENCODING, f"{path}: line {number}: {fault}")
            return
    blocks, _ = layout.blocks(lines_of(text, layout))
    if fault := undivided(blocks, layout):
        yield Problem(("dataset", "delimiter"), f"{path}: {fault}")
        return
    widths = Counter(len(row.cells) for block in blocks for row in block)
    for what, fault in column_faults(layout, widths):
        yield Problem(("dataset", f"{what}_column"), f"{path}: {fault}")
