"""Parquet files, opened like all files, and checked against the memory before their columns are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.files.room import check_room
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import counted

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_CELL = 8  # bytes that a cell takes at least once it is read


@contextmanager
def open_parquet(path: Path) -> Iterator[ParquetFile]:
    """Yield the file, of which only the schema has been read.

    Raises OSError if it cannot be opened, and DataError for what pyarrow cannot read, then or later.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with open_file(path) as opened, pyarrow.parquet.ParquetFile(opened) as file:
            yield file
    except pyarrow.ArrowException as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error


def check_rows(path: Path, file: ParquetFile, columns: int) -> None:
    """Raise DataError if so many columns of all rows cannot fit into memory: a row may take less than a bit of a file.

    At least one column is counted.
    """
    rows = file.metadata.num_rows
    check_room(f"{path} with {counted(rows, 'row')}", rows * max(columns, 1) * _CELL)
