"""The columns of a table of samples, as they stand beside what is predicted of the samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from seqrun.datasets.files.parquet import check_columns_room, open_parquet
from seqrun.datasets.samples.raw import RawSequences
from seqrun.datasets.shared.delimited import read_delimited
from seqrun.datasets.shared.endings import ending
from seqrun.datasets.shared.layout import Layout

_INDEX = re.compile(r"__index_level_\d+__")  # what pandas calls its row labels, which are no column of the user's
Columns = dict[str, Sequence[Any]]


def own_columns(path: Path, raw: RawSequences, rows: Iterable[int], layout: Layout) -> tuple[Columns, Columns]:
    """Return the file's columns with a cell for each sample, and those with a cell for each of their steps.

    Where a row is a sample, all columns are the sample's. Where it is a step, all are the steps', and the sample's are
    those that are no feature and have one value in all of its steps. `rows` are those of the file, from 1, that were
    used; of CSV and TSV their lines.
    """
    columns = _of_parquet(path, rows) if ending(path) == ".parquet" else _written(path, rows, layout)
    if raw.rows is None:
        return columns, {}
    order = raw.rows.tolist()
    of_steps: Columns = {name: [cells[row] for row in order] for name, cells in columns.items()}
    pieces = [*pairwise([*raw.values.starts.tolist(), len(order)])]
    others = {name: cells for name, cells in of_steps.items() if name not in raw.features}
    same: Columns = {
        name: [cells[first] for first, _ in pieces]
        for name, cells in others.items()
        if all(cell == cells[first] for first, past in pieces for cell in cells[first:past])
    }
    return same, of_steps


def _of_parquet(path: Path, rows: Iterable[int]) -> Columns:
    with open_parquet(path) as file:
        names = [name for name in file.schema_arrow.names if not _INDEX.fullmatch(name)]
        check_columns_room(path, file, names)
        columns = file.read(columns=names).take([row - 1 for row in rows])
        return dict(columns.to_pydict())  # as Python has the values, not as pandas would


def _written(path: Path, lines: Iterable[int], layout: Layout) -> Columns:
    found = read_delimited(path, layout)
    read = {record.line: record.cells for record in found.rows}
    return dict(zip(found.header, zip(*(read[line] for line in lines), strict=True), strict=True))
