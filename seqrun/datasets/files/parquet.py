"""Parquet files, opened like all files, and checked against the memory before their columns are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.files.room import check_room, room
from seqrun.datasets.files.strings import unfolded
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import counted

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_CELL = 8  # bytes that a cell takes at least once it is read
_BATCH_BYTES, _BATCH_ROWS = 64_000_000, 65_536  # that are held at once where a file is read in batches


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


def check_columns_room(path: Path, file: ParquetFile, columns: Sequence[str]) -> int:
    """Return a number that the bytes of these columns are hardly more than; raise DataError if they cannot fit.

    A row may take less than a bit of a file, and a string that is repeated is written once.
    """
    rows = counted(file.metadata.num_rows, "row")
    cells, total = file.metadata.num_rows * max(len(columns), 1) * _CELL, 0
    check_room(f"{path} with {rows}", cells)
    harmless = room() // (4 * max(len(file.schema), 1))
    for name, needed in unfolded(path, file, columns, harmless):
        total += needed
        check_room(f"{path}, with what the {rows} of column {name} unfold to,", total)
    return max(cells, total)


def rows_at_once(file: ParquetFile, needed: int) -> int:
    """Return how many rows to read in a batch of a file, of which all together need so many bytes."""
    return max(min(_BATCH_ROWS, _BATCH_BYTES * max(file.metadata.num_rows, 1) // max(needed, 1)), 1)
