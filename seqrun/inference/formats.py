"""Results as the bytes of a file: tables as CSV, JSON, JSON lines or Parquet, arrays as numpy's files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from seqrun.rundir import atomic
from seqrun.rundir.npz import compressed_npz

Columns = Mapping[str, Sequence[Any]]  # name -> values, one a row
Arrays = Mapping[str, np.ndarray]


def _csv(columns: Columns) -> bytes:
    """Return a table with a header; a list or mapping in a cell is written as JSON, nothing as an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([*map(_cell, values)] for values in columns.values()), strict=True))
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return _dumped(value) if isinstance(value, (list, dict)) else value


def _json(columns: Columns) -> bytes:
    """Return a list with an object for each row, which stands on a line of its own."""
    rows = ",\n".join(_objects(columns))
    return f"[\n{rows}\n]\n".encode()


def _jsonl(columns: Columns) -> bytes:
    return "".join(f"{row}\n" for row in _objects(columns)).encode()


def _objects(columns: Columns) -> list[str]:
    return [_dumped(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _dumped(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it (see `atomic.plain`); what JSON has no type for, such as a date, as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    try:
        return atomic.plain(value)
    except TypeError:
        return str(value)


def _parquet(columns: Columns) -> bytes:
    """Return a Parquet file; a column whose cells are of several types, which Parquet cannot hold, is one of JSON."""
    import pyarrow.parquet

    content = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({name: _arrow(values) for name, values in columns.items()}), content)
    return content.getvalue()


def _arrow(values: Sequence[Any]) -> Any:
    import pyarrow

    try:
        return pyarrow.array(values)
    except pyarrow.ArrowException:
        return pyarrow.array([None if value is None else _dumped(value) for value in values], pyarrow.string())


def _npy(arrays: Arrays, main: str) -> bytes:
    content = io.BytesIO()
    np.save(content, arrays[main], allow_pickle=False)
    return content.getvalue()


def _npz(arrays: Arrays, main: str) -> bytes:
    return compressed_npz(arrays)


# By the file's ending; of arrays, a file of one holds the `main` one.
TABLES: dict[str, Callable[[Columns], bytes]] = {".csv": _csv, ".json": _json, ".jsonl": _jsonl, ".parquet": _parquet}
ARRAYS: dict[str, Callable[[Arrays, str], bytes]] = {".npy": _npy, ".npz": _npz}
ENDINGS = (*TABLES, *ARRAYS)
