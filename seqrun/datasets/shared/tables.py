"""Tables of numbers, with columns of text among them: CSV, TSV (packed or not) or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.datasets.files import opening
from seqrun.datasets.files.parquet import check_columns_room, open_parquet
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.columns import check_columns
from seqrun.datasets.shared.delimited import Delimited, delimited
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.parsing import parsed
from seqrun.datasets.shared.periods import with_periods
from seqrun.datasets.shared.places import listed_faults
from seqrun.datasets.shared.written import undecodable
from seqrun.errors import DataError
from seqrun.readable import counted

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclass(frozen=True)
class Table:
    """The rows of a file, and what is to be said about reading it."""

    frame: DataFrame  # the index is each row's line or number, from 1 as a user counts, and named accordingly
    account: Account
    warnings: tuple[str, ...] = ()
    numbers: Sequence[int] | None = None  # each row's, from 0, where rows of the file have been left out


def read_table(path: Path, columns: Sequence[str] | None, layout: Layout, text: Sequence[str] = ()) -> Table:
    """Return these columns of a table (None: all), those named by `text` among them.

    In CSV and TSV the columns of `text` hold each cell as it is written. The others hold numbers, NaN where a cell says
    that it is empty (MISSING_WORDS, `layout.missing_values`), or text if not all of their cells are such. Of Parquet,
    all columns hold what they hold, apart from `layout.missing_values` in those of numbers. Raises DataError for a file
    that cannot be read, for columns that it does not have, and for rows that cannot be read if they may not be left out
    (`layout.bad_rows`).
    """
    kind = ending(path)
    if kind is None:
        raise DataError(f"{path}: the ending is none of {', '.join(ENDINGS)}")
    try:
        read = _parquet if kind == ".parquet" else _delimited
        table = read(path, columns, layout, text)
    except (OSError, ValueError, LookupError) as error:  # pandas' parser raises ValueErrors
        raise DataError(f"{path} cannot be read: {str(error).strip()}") from error
    if not len(table.frame):
        raise DataError(f"{path} holds no row")
    return table


def _parquet(path: Path, columns: Sequence[str] | None, layout: Layout, text: Sequence[str]) -> Table:
    with open_parquet(path) as file:
        check_columns(path, file.schema_arrow.names, columns)
        check_columns_room(path, file, file.schema_arrow.names if columns is None else columns)
        frame = file.read(columns=None if columns is None else list(columns)).to_pandas(ignore_metadata=True)
        frame = with_periods(frame, file.schema_arrow)
    for name in [name for name in frame.columns if name not in text] if layout.missing_values else ():
        frame[name] = frame[name].mask(_marked(frame[name], layout.missing_values))
    frame.index += 1
    frame.index.name = "row"
    return Table(frame, Account("row", len(frame)))


def _marked(column: Series, marks: Sequence[str]) -> Series:
    """Return which cells of a column that has types hold one of these marks of an empty cell, (rows,) booleans."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.isin(pd.to_numeric(pd.Series(marks, dtype="str"), errors="coerce").dropna())
    return column.map(lambda cell: isinstance(cell, str) and cell in marks).astype(bool)


def _delimited(path: Path, columns: Sequence[str] | None, layout: Layout, text: Sequence[str]) -> Table:
    from seqrun.datasets.shared.regular import regular_frame  # here: `seqrun list` needs no numpy

    data = opening.read_bytes(path)
    if (quick := regular_frame(path, data, columns, layout, text)) is not None:
        return Table(*quick)
    found = delimited(path, opening.decoded(path, data, layout.encoding), layout, Account())
    found.check(path, columns)
    wanted = list(found.header if columns is None else columns)
    return _table(path, found, wanted, layout, text)


def _table(path: Path, found: Delimited, wanted: list[str], layout: Layout, text: Sequence[str]) -> Table:
    """Return columns of a file of any form, with a warning if rows are left out that cannot be read."""
    import pandas as pd

    lines, numbers, rows, faults = [], [], [], []
    places = [found.header.index(name) for name in wanted]
    for number, record in enumerate(found.rows):
        cells = [] if record.fault else [record.cells[place] for place in places]
        if fault := record.fault or next(filter(None, map(undecodable, cells)), None):
            faults.append(f"line {record.line}: {fault}")
        else:
            lines.append(record.line)
            numbers.append(number)
            rows.append(cells)
    warnings = bad_rows(path, faults, layout, len(rows))
    if not rows:
        raise DataError(f"{path} holds no row")
    columns = dict(zip(wanted, zip(*rows, strict=True), strict=True))
    others = [name for name in wanted if name not in text]
    read = dict(zip(others, _numbers([columns[name] for name in others], layout), strict=True))
    written = {name: pd.Series(columns[name], dtype="str") for name in wanted if name in text}
    frame = pd.DataFrame({name: (read | written)[name] for name in wanted})
    return Table(frame.set_axis(pd.Index(lines, name="line")), found.account, warnings, numbers if faults else None)


def _numbers(columns: Sequence[Sequence[str]], layout: Layout) -> list[Series]:
    """Return columns of cells as `parsed` reads them; a zero byte, which would end a cell, is shown in its place."""
    if not columns:
        return []
    body = io.StringIO(newline="")
    writer = csv.writer(body, delimiter=",", lineterminator="\n")
    for cells in zip(*columns, strict=True):
        writer.writerow([cell.replace("\0", "\\0") for cell in cells])
    data = io.BytesIO(body.getvalue().encode())
    places = range(len(columns))
    frame = parsed(data, len(columns), places, places, replace(layout, delimiter=","))
    return [frame[place] for place in places]


def bad_rows(path: Path, faults: Sequence[str], layout: Layout, left: int) -> tuple[str, ...]:
    """Return a warning about rows that cannot be read, if there are any; DataError if they may not be left out.

    `left` is the number of the others.
    """
    if not faults:
        return ()
    reasons = {fault.partition(": ")[2] for fault in faults}
    help = layout.unquoted_help(path)
    if not left and len(reasons) == 1 and len(faults) > 1:
        help = f"; {help}" if help else " (is dataset.delimiter right?)"
        raise DataError(f"{path}: all {len(faults):,} rows cannot be used: {reasons.pop()}{help}")
    count, listed = counted(len(faults), "row"), listed_faults(faults)
    if layout.bad_rows == "error" or not left:
        raise DataError(
            f"{path}: {count} cannot be used:{listed}\nmend them, or leave them out with dataset.bad_rows: skip"
            + (f"; {help}" if help else "")
        )
    return (f"{path}: {count} left out (bad_rows: skip):{listed}",)
