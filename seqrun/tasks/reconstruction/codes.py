"""The codes of an autoencoder, read from what encoding samples writes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from seqrun.components.reading import check_ending
from seqrun.datasets.files import arrays
from seqrun.errors import DataError, InputError, Parameter

CODES = "codes"  # the array that holds them
CSV = ".csv"
_COLUMN = re.compile(r"code_(\d+)")


def code_columns(width: int) -> list[str]:
    """The columns of a table of codes."""
    return [f"code_{number}" for number in range(1, width + 1)]


def read_codes(path: Path, name: str | None = None) -> np.ndarray:
    """float32 codes, of whatever shape, of a .npy or .npz file, or (samples, latent_dim) of a .csv file.

    Of a table the columns code_1, code_2, ... are read and all others left aside. Raises InputError for a file of
    another kind, and DataError for what are no finite numbers.
    """
    check_ending(path, (*arrays.ENDINGS, CSV))
    if path.suffix.lower() == CSV:
        return _from_table(path, name)
    return arrays.read_numbers(path, name, usual=CODES).astype(np.float32)


def _from_table(path: Path, name: str | None) -> np.ndarray:
    from seqrun.datasets.shared.tables import Layout, numbers, read_table

    if name is not None:
        why = f": the codes of a {CSV} file are its columns code_1, code_2, ..."
        raise InputError(Parameter("column", name), why)
    frame = read_table(path, None, Layout())
    wanted = code_columns(sum(_COLUMN.fullmatch(column) is not None for column in frame))
    missing = [column for column in wanted or ["code_1"] if column not in frame]
    if missing:
        raise DataError(f"{path}: no column {missing[0]}; there are {', '.join(frame)}")
    codes = numbers(path, frame[wanted], Layout())
    if codes.isna().any(axis=None):
        line, column = codes.isna().stack().idxmax()
        raise DataError(f"{path}: {frame.index.name} {line}, {column}: empty")
    return codes.to_numpy(np.float32)
