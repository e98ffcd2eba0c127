"""New raw texts, from a file of lines or a column of a table."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self, cast

from seqrun.datasets.files.opening import ending, read_text
from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.known_labels import KnownLabels
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.places import listed_faults
from seqrun.datasets.text.endings import PACKED, TABLES, table_ending
from seqrun.datasets.text.folders import folder_rows, sub_folders
from seqrun.datasets.text.own_columns import own_columns
from seqrun.datasets.text.rows import Row, text_fault
from seqrun.datasets.text.tables import table_rows
from seqrun.errors import DataError, InputError, Parameter
from seqrun.readable import counted, listed_names

DEFAULT_COLUMN = "text"


@dataclass(frozen=True)
class NewTexts:
    """Texts with their row numbers in the source, from 0; of a file of lines, blank ones are counted too."""

    texts: Sequence[str]
    index: Sequence[int]
    warnings: tuple[str, ...] = ()
    own: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # the columns of their table, a cell a text
    column: str | None = None  # which of them holds the texts


@dataclass(frozen=True)
class TextFiles:
    """How files of new texts are read: like the run's own."""

    endings: ClassVar[tuple[str, ...]] = (".txt", *TABLES)

    column: str = DEFAULT_COLUMN  # of a table
    layout: Layout = field(default_factory=Layout)

    def reads(self, path: Path) -> bool:
        """Return whether files with the path's ending are read; all but Parquet can be packed (.csv.gz)."""
        return ending(path, self.endings, packed=(".txt", *PACKED)) is not None

    def written(self, settings: Mapping[str, Any], path: Path) -> Self:
        """Return how a file is read that is written otherwise; see `Reader.written`."""
        return replace(self, layout=self.layout.written(settings, path))

    def read(self, path: Path, column: str | None = None) -> NewTexts:
        """Return the texts in a file with one of these endings: the lines of a .txt file, or the cells of a table's
        column.

        Raises InputError if `column` is given for a file without columns, and DataError for what cannot be read.
        """
        if table_ending(path) is not None:
            column = column or self.column
            account = Account()
            rows = table_rows(path, column, (), self.layout, account, whole=True)
            found = self._collect(str(path), enumerate(rows))
            notes = (f"{path}: {note}" for note in account.notes)
            return replace(found, column=column, warnings=(*notes, *found.warnings))
        if column is not None:
            raise no_columns(column)
        return self.lines(self._lines_of(path), str(path))

    def labelled(self, path: Path, labels: KnownLabels, column: str | None = None) -> tuple[NewTexts, list[Any]]:
        """Return the texts of a table, or of a folder with a sub-folder a class, and the label of each.

        Raises InputError if `column` is given for a folder, and DataError for what cannot be read.
        """
        account = Account()
        if path.is_dir():
            if column is not None:
                raise no_columns(column)
            rows = [*folder_rows(sub_folders(path), self.layout.encoding)]
        elif table_ending(path) is None:
            raise InputError(Parameter("input", path), f": the ending is none of {', '.join(TABLES)}")
        else:
            column = column or self.column
            rows = [*table_rows(path, column, labels.columns, self.layout, account, whole=True)]
        wrong = [row.fault or text_fault(row.text) or labels.fault(row.cells) for row in rows]
        judged = [replace(row, fault=fault) for row, fault in zip(rows, wrong, strict=True)]
        found = self._collect(str(path), enumerate(judged))
        notes = (f"{path}: {note}" for note in account.notes)
        texts = replace(found, column=column, warnings=(*notes, *found.warnings))
        return texts, [labels.read(rows[number].cells) for number in found.index]

    def lines(self, lines: Iterable[str], name: str) -> NewTexts:
        """Return the texts in the lines of a file called `name`, one a line; raise DataError for what cannot be
        read.

        A text's row number is that of its line, from 0. Blank lines hold no text: a warning counts and names them.
        """
        blank: list[str] = []
        found = self._collect(name, _rows(lines, blank))
        return replace(found, warnings=(*found.warnings, *_blank_lines(name, blank)))

    def _lines_of(self, path: Path) -> Iterator[str]:
        yield from io.StringIO(read_text(path, self.layout.encoding), newline=None)

    def _collect(self, name: str, rows: Iterable[tuple[int, Row]]) -> NewTexts:
        """Return the texts of rows, each given with its number from 0."""
        texts: list[str] = []
        index: list[int] = []
        faults: list[str] = []
        own: list[Mapping[str, Any]] = []
        try:
            for number, row in rows:
                if fault := row.fault or text_fault(row.text):
                    faults.append(f"{row.where}: {fault}")
                else:
                    texts.append(cast("str", row.text))  # as text_fault has found
                    index.append(number)
                    own.append(row.own)
        except (UnicodeError, OSError) as error:
            raise DataError(f"{name} cannot be read: {error}") from error
        warnings = self._left_out(name, faults)
        if not texts:
            raise DataError(f"{name} holds no text")
        columns, unreadable = own_columns(own)
        doubts = (f"{name}: {told}" for told in unreadable)
        return NewTexts(texts, index, (*warnings, *doubts), columns)

    def _left_out(self, name: str, faults: Sequence[str]) -> tuple[str, ...]:
        """Return a warning about rows that are left out; raise DataError if they must not be."""
        if not faults:
            return ()
        listed, count = listed_faults(faults), counted(len(faults), "row")
        if self.layout.bad_rows == "skip":
            return (f"{name}: {count} left out (bad_rows: skip):{listed}",)
        help = "mend them, or leave them out with bad_rows: skip"
        raise DataError(f"{name}: {count} cannot be used:{listed}\n{help}")


def no_columns(column: str) -> InputError:
    """Return the error for a `column` of a file that is no table."""
    return InputError(Parameter("column", column), f": only {', '.join(TABLES)} have columns")


def _rows(lines: Iterable[str], blank: list[str]) -> Iterator[tuple[int, Row]]:
    """Yield the lines that hold text, each with its number from 0; add those of blank ones, from 1, to `blank`."""
    for number, line in enumerate(lines):
        where = str(number + 1)
        if line.strip():
            yield number, Row(f"line {where}", line.rstrip("\r\n"))
        else:
            blank.append(where)


def _blank_lines(name: str, blank: Sequence[str]) -> Iterator[str]:
    """Yield a warning about lines without text, if there are any."""
    if blank:
        where = f"line{'s' if len(blank) > 1 else ''} {listed_names(blank)}"
        count = counted(len(blank), "blank line")
        yield f"{name}: {count} left out ({where}); the rows of the others count them, from 0"
