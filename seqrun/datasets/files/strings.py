"""How long the strings of a Parquet file are once they are read: there, one that is repeated is written once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.machine.opener import open_file

if TYPE_CHECKING:
    from pyarrow import Array
    from pyarrow.parquet import ParquetFile

_ROWS = 65_536  # looked at together
_FEW_ROWS = 64  # the same where strings are written as what differs from the one before, and must be unfolded
_AS_DIFFERENCE = "DELTA_BYTE_ARRAY"


def unfolded(path: Path, file: ParquetFile, columns: Sequence[str], harmless: int) -> Iterator[tuple[str, int]]:
    """Yield each of these columns of the file, those in lists and structures too, with the bytes that its values take.

    A bound stands for them if it is below `harmless`; else those of strings are counted from the values that differ and
    how often each is repeated, without unfolding them.
    """
    _check_metadata(file, columns)
    for number in range(len(file.schema)):
        column = file.schema.column(number)
        if not any(column.path == name or column.path.startswith(f"{name}.") for name in columns):
            continue
        chunks = [file.metadata.row_group(group).column(number) for group in range(file.metadata.num_row_groups)]
        if column.physical_type == "BYTE_ARRAY":
            most = _most(path, column.path, chunks)
            yield column.path, most if most <= harmless else _counted(path, column.path, chunks)
        else:
            width = {"FIXED_LEN_BYTE_ARRAY": column.length, "BOOLEAN": 0}.get(column.physical_type, 4)
            yield column.path, width * sum(chunk.num_values for chunk in chunks)


def _check_metadata(file: ParquetFile, columns: Sequence[str]) -> None:
    """Raise pyarrow's error if the metadata of a column are damaged: asked for by themselves, they end the process."""
    for group in range(file.metadata.num_row_groups):
        next(file.iter_batches(batch_size=1, row_groups=[group], columns=[*columns], use_threads=False), None)


def _most(path: Path, column: str, chunks: Sequence[Any]) -> int:
    """Return a bound of the bytes in a column of strings: each could be as long as the longest of its dictionary."""
    if "." in column or _in_differences(chunks):  # each could be as long as the whole piece
        return sum(chunk.total_uncompressed_size * max(chunk.num_values, 1) for chunk in chunks)
    with _with_dictionaries(path, [column]) as file:
        return sum(
            chunk.total_uncompressed_size + chunk.num_values * _longest(file, column, group)
            for group, chunk in enumerate(chunks)
        )


def _in_differences(chunks: Sequence[Any]) -> bool:
    return any(_AS_DIFFERENCE in chunk.encodings for chunk in chunks)


@contextmanager
def _with_dictionaries(path: Path, columns: list[str]) -> Iterator[ParquetFile]:
    """Yield the file, of which these columns are read as dictionaries, page by page."""
    import pyarrow.parquet

    with (
        open_file(path) as opened,
        pyarrow.parquet.ParquetFile(opened, read_dictionary=columns, buffer_size=1 << 16, pre_buffer=False) as file,
    ):
        yield file


def _longest(file: ParquetFile, column: str, group: int) -> int:
    """Return how long the longest value in the dictionary of a group of rows is; all of it comes with the first row."""
    for batch in file.iter_batches(batch_size=1, row_groups=[group], columns=[column], use_threads=False):
        return int(_lengths(batch.column(0)).max(initial=0))
    return 0


def _counted(path: Path, column: str, chunks: Sequence[Any]) -> int:
    """Return how many bytes the strings of a column have."""
    import pyarrow

    if not _in_differences(chunks):
        with _with_dictionaries(path, [column]) as file, suppress(pyarrow.ArrowNotImplementedError):
            return sum(_counted_group(file, column, group, _ROWS) for group in range(len(chunks)))
    with _with_dictionaries(path, []) as file:  # what pyarrow makes no dictionaries of
        return sum(_counted_group(file, column, group, _FEW_ROWS) for group in range(len(chunks)))


def _counted_group(file: ParquetFile, column: str, group: int, rows: int) -> int:
    batches = file.iter_batches(batch_size=rows, row_groups=[group], columns=[column], use_threads=False)
    return sum(_length(values) for batch in batches for values in _leaves(batch.column(0)))


def _length(values: Array) -> int:
    """Return how many bytes the strings of an array have once its dictionary is unfolded."""
    import numpy as np
    import pyarrow

    if not pyarrow.types.is_dictionary(values.type):
        return int(values.nbytes)
    lengths = _lengths(values)
    used = np.bincount(values.indices.drop_null().to_numpy(zero_copy_only=False), minlength=len(lengths))
    return int(np.dot(lengths, used.astype(np.int64)))


def _lengths(values: Array) -> Any:
    """Return how long each value in the dictionary of an array is, (values,) int64; nothing if it has none."""
    import numpy as np
    import pyarrow
    import pyarrow.compute

    if not pyarrow.types.is_dictionary(values.type):
        return np.zeros(0, np.int64)
    lengths = pyarrow.compute.binary_length(values.dictionary).fill_null(0)
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64)


def _leaves(values: Array) -> Iterator[Array]:
    """Yield the arrays of values in an array of lists, maps or structures."""
    import pyarrow

    if not pyarrow.types.is_nested(values.type):
        yield values
        return
    if pyarrow.types.is_map(values.type):
        parts = [values.keys, values.items]
    else:
        flat = values.flatten()
        parts = flat if isinstance(flat, list) else [flat]
    for part in parts:
        yield from _leaves(part)
