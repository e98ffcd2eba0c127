"""The columns of a Parquet file of samples, as they stand beside what is predicted of the samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from seqrun.datasets.samples.raw import RawSequences

_INDEX = re.compile(r"__index_level_\d+__")  # what pandas calls its row labels, which are no column of the user's
Columns = dict[str, Sequence[Any]]


def own_columns(path: Path, raw: RawSequences) -> tuple[Columns, Columns]:
    """Return the file's columns with a cell for each sample, and those with a cell for each of their steps.

    Where a row is a sample, all columns are the sample's. Where it is a step, all are the steps', and the sample's are
    those that are no feature and have one value in all of its steps.
    """
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        names = [name for name in file.schema_arrow.names if not _INDEX.fullmatch(name)]
        columns = file.read(columns=names).to_pydict()  # as Python has the values, not as pandas would
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
