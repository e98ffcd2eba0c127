"""Codes of an autoencoder, read from a file that encoding samples has written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from seqrun.components.reading import check_ending
from seqrun.datasets.files import arrays
from seqrun.errors import DataError, InputError, Parameter

CODES = "codes"  # the array that holds them
TABLES = (".csv", ".parquet")  # that encoding writes, too
_COLUMN = re.compile(r"code_(\d+)")


def code_columns(width: int) -> list[str]:
    """Return the names of the columns of a table of codes."""
    return [f"code_{number}" for number in range(1, width + 1)]


def read_codes(path: Path, name: str | None = None) -> np.ndarray:
    """Return the codes in a .npy or .npz file, float32 of any shape, or in a table, (samples, latent_dim) float32.

    `name` is the array of a .npz file. Of a table (.csv, .parquet) the columns code_1, code_2, ... are read, the others
    ignored. Raises InputError for a file of another kind or for the name of a column, and DataError for what are no
    finite numbers.
    """
    check_ending(path, (*arrays.ENDINGS, *TABLES))
    if path.suffix.lower() in TABLES:
        return _from_table(path, name)
    return arrays.read_numbers(path, name, usual=CODES).astype(np.float32)


def _from_table(path: Path, name: str | None) -> np.ndarray:
    from seqrun.datasets.shared.cells import numbers
    from seqrun.datasets.shared.layout import Layout
    from seqrun.datasets.shared.tables import read_table

    if name is not None:
        why = f": the codes of a {path.suffix} file are its columns code_1, code_2, ..."
        raise InputError(Parameter("column", name), why)
    frame = read_table(path, None, Layout()).frame
    names = [str(column) for column in frame]
    wanted = code_columns(sum(_COLUMN.fullmatch(column) is not None for column in names))
    missing = [column for column in wanted or ["code_1"] if column not in names]
    if missing:
        raise DataError(f"{path}: no column {missing[0]}; there are {', '.join(names)}")
    codes, _ = numbers(path, frame[wanted], Layout())
    empty = np.argwhere(codes.isna().to_numpy())  # (cells, 2), in the order of the file
    if len(empty):
        row, column = empty[0]
        raise DataError(f"{path}: {frame.index.name} {codes.index[row]}, {codes.columns[column]}: empty")
    return codes.to_numpy(np.float32)
