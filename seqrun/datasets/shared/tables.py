"""Tables of numbers: CSV, TSV or Parquet, read by pandas; every cell that is not a number is reported with its row."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.shared.written import without_mark
from seqrun.errors import DataError
from seqrun.readable import counted, listed
from seqrun.spelling import suggest

if TYPE_CHECKING:
    from pandas import DataFrame, Series

DELIMITERS = {".csv": ",", ".tsv": "\t"}
ENDINGS = (*DELIMITERS, ".parquet")
PACKED = (".gz", ".zip")  # a CSV or TSV file may be


@dataclass(frozen=True)
class Layout:
    """How the text of a CSV or TSV file is written; Parquet files need none of it."""

    delimiter: str | None = None  # None: as the ending says
    decimal: str = "."
    encoding: str = "utf-8"
    missing_values: tuple[str, ...] = ()  # what stands for nothing, beside the usual (empty, NA, NaN, null ...)


def ending(path: Path) -> str | None:
    """Return which of ENDINGS a file has, before that of a compressed file; None if none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        return suffixes[-2] if len(suffixes) > 1 and suffixes[-2] in DELIMITERS else None
    return suffixes[-1] if suffixes and suffixes[-1] in ENDINGS else None


def read_table(path: Path, columns: Sequence[str] | None, layout: Layout) -> DataFrame:
    """Return the columns (None: all) as they are, indexed by row number as a user counts.

    That is the line number of a CSV file, as an editor counts, or the row number of a Parquet file, from 1; the index
    is named accordingly. Raises DataError for a file that cannot be read, and for a column that it does not have.
    """
    import pandas as pd

    kind = ending(path)
    if kind is None:
        raise DataError(f"{path}: the ending is none of {', '.join(ENDINGS)}")
    try:
        return _parquet(path, columns) if kind == ".parquet" else _csv(path, columns, layout, DELIMITERS[kind])
    except pd.errors.ParserWarning as error:
        raise DataError(f"{path}: its rows have more fields than its header (is the delimiter right?)") from error
    except (OSError, ValueError, UnicodeError, LookupError, EOFError) as error:  # pandas' parser raises ValueErrors
        raise DataError(f"{path} cannot be read: {str(error).strip()}") from error


def _csv(path: Path, columns: Sequence[str] | None, layout: Layout, delimiter: str) -> DataFrame:
    import pandas as pd

    separator, encoding = layout.delimiter or delimiter, without_mark(layout.encoding)
    _check_columns(path, _csv_header(path, separator, encoding), columns)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # fields past the header's
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # text among numbers is reported below, by row
        frame = pd.read_csv(
            path,
            sep=separator,
            encoding=encoding,
            index_col=False,  # else fields past the header's would make the first column an index
            decimal=layout.decimal,
            low_memory=layout.decimal == ".",  # in pieces, where a faulty column mixes text with numbers: 1,5 is 1.5
            na_values=list(layout.missing_values),
            skip_blank_lines=False,  # else lines could not be counted
        )
    frame.index += 2
    frame.index.name = "line"
    frame = frame if columns is None else frame[list(columns)]
    filled = frame.notna().any(axis=1).to_numpy().nonzero()[0]
    return _not_empty(path, frame.iloc[: filled[-1] + 1 if len(filled) else 0])  # without blank lines at the end


def _csv_header(path: Path, separator: str, encoding: str) -> list[str]:
    """Return the cells of the first line as text."""
    import pandas as pd

    first = pd.read_csv(
        path,
        sep=separator,
        encoding=encoding,
        header=None,
        nrows=1,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
    )
    return first.iloc[0].tolist()


def _parquet(path: Path, columns: Sequence[str] | None) -> DataFrame:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        _check_columns(path, file.schema_arrow.names, columns)
        frame = file.read(columns=None if columns is None else list(columns)).to_pandas(ignore_metadata=True)
    frame.index += 1
    frame.index.name = "row"
    return _not_empty(path, frame)


def _not_empty(path: Path, frame: DataFrame) -> DataFrame:
    if not len(frame):
        raise DataError(f"{path} holds no row")
    return frame


def _check_columns(path: Path, header: Sequence[str], columns: Sequence[str] | None) -> None:
    for column in header if columns is None else columns:
        if column not in header:
            raise DataError(f"{path}: no column {column!r}{suggest(column, header)}; there are {', '.join(header)}")
        if header.count(column) > 1:
            raise DataError(f"{path}: there are {header.count(column)} columns named {column!r}")


def numbers(path: Path, frame: DataFrame, layout: Layout) -> DataFrame:
    """Return the table as float64, NaN where a cell is empty.

    Raises DataError that names every cell that is not a number.
    """
    import pandas as pd

    faults: list[tuple[int, str, object]] = []
    columns = {}
    for name, column in frame.items():
        columns[name] = found = _as_numbers(column, layout)
        wrong = (~_finite(found) & column.notna()).to_numpy()
        faults += [(row, str(name), value) for row, value in zip(column.index[wrong], column[wrong], strict=True)]
    if faults:
        faults.sort(key=lambda fault: fault[0])
        lines = (f"{frame.index.name} {row}, {name}: {str(value)[:40]!r}" for row, name, value in faults)
        raise DataError(
            f"{path}: {counted(len(faults), 'cell')} of number columns without a number:{listed(lines)}\n"
            "mend them; the dataset series can take them for empty: missing_values: ['?']"
        )
    return pd.DataFrame(columns, copy=False)


def _as_numbers(column: Series, layout: Layout) -> Series:
    """Return the column as float64, NaN for cells that are not numbers."""
    import pandas as pd

    if column.dtype.kind in "iufb":
        return column.astype("float64")
    if column.dtype.kind in "mM":
        return pd.Series(float("nan"), column.index)
    column = column.astype("str") if column.dtype == object else column
    if layout.decimal != ".":  # then a point is no decimal point: 1.234 may mean 1,234
        column = column.str.replace(".", "?", regex=False).str.replace(layout.decimal, ".", regex=False)
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _finite(column: Series) -> Series:
    return column.abs() < float("inf")
