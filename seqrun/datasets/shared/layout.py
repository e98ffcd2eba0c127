"""How files of rows are written: the settings that datasets share, and their values together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from seqrun.datasets.files.opening import ending
from seqrun.errors import InputError, Parameter, Problem

DELIMITERS = {".csv": ",", ".tsv": "\t"}
# What stands for nothing in a column of numbers.
MISSING_WORDS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A", "#NA", "#N/A N/A"),
    *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
# Which settings mean nothing for files of these endings, that have no lines with delimiters, or are no text at all.
_OF_LINES = ("delimiter", "quoting", "skip_rows", "comment")
_FOREIGN = {
    **dict.fromkeys((".jsonl", ".txt"), _OF_LINES),
    **dict.fromkeys((".parquet", ".npz", ".npy"), (*_OF_LINES, "encoding")),
}
_WRITTEN = {"\\t": "\t", "tab": "\t"}


def _character(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    character = _WRITTEN.get(value, value)
    if len(character) != 1:
        raise ValueError(f"must be one character, such as ';' or '|' in quotes, not {value!r}")
    return character


Character = Annotated[Annotated[str, Field(min_length=1, max_length=1)], BeforeValidator(_character)]
Delimiter = Annotated[
    Character | None,
    Field(description=r"what separates columns, such as ';', '|' or '\t'; null: a comma, in .tsv a tab"),
]
Encoding = Annotated[str, Field(description="the files' character encoding, such as utf-8, cp1252 or utf-16")]
Quoting = Annotated[
    Literal["auto", "standard", "none"],
    Field(
        description="standard: cells may stand in double quotes (RFC 4180); none: a quote is a character like others; "
        "auto: none where the quotes of a file with tabs do not balance row by row, else standard"
    ),
]
Decimal = Annotated[Literal[".", ","], Field(description="what separates a number's fraction")]
Thousands = Annotated[
    Literal[",", ".", "'", " ", "_"] | None, Field(description="what groups a number's digits by three, if anything")
]
SkipRows = Annotated[
    Annotated[int, Field(ge=0)] | list[Annotated[int, Field(ge=1)]],
    Field(description="lines left out: so many at the top, or those with these numbers ([2]: units below the header)"),
]
Comment = Annotated[Character | None, Field(description="lines that begin with this character are left out")]
MissingValues = Annotated[list[str], Field(description="what marks an empty cell, such as '?' or '-9999'")]
BadRows = Annotated[
    Literal["error", "skip"],
    Field(description="rows that cannot be used: stop, or leave them out with a warning that names them"),
]


class WrittenAsRows(BaseModel):
    """How a file of rows is written: settings that are mixed into what reads one."""

    model_config = ConfigDict(defer_build=True)

    delimiter: Delimiter = None
    encoding: Encoding = "utf-8"
    quoting: Quoting = "auto"
    decimal: Decimal = "."
    thousands: Thousands = None
    skip_rows: SkipRows = 0
    comment: Comment = None
    missing_values: MissingValues = []
    bad_rows: BadRows = "error"


@dataclass(frozen=True)
class Layout:
    """How the text of a file is written, and what is done about rows that cannot be read."""

    delimiter: str | None = None  # None: as the ending says
    decimal: str = "."
    encoding: str = "utf-8"
    missing_values: tuple[str, ...] = ()  # what stands for nothing, beside MISSING_WORDS
    thousands: str | None = None
    quoting: Quoting = "auto"
    skip_rows: int | tuple[int, ...] = 0  # so many lines at the top, or the numbers of lines
    comment: str | None = None
    bad_rows: BadRows = "error"

    @classmethod
    def of(cls, dataset: object) -> Self:
        """Return the layout that a dataset's fields describe; fields that the dataset lacks have their defaults."""
        return cls.from_fields({name: getattr(dataset, name) for name in cls._names() if hasattr(dataset, name)})

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return the layout of these fields, as JSON or a config has them."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
        return cls(**values)

    @classmethod
    def _names(cls) -> Iterator[str]:
        yield from cls.__dataclass_fields__

    def written(self, settings: Mapping[str, Any], path: Path) -> Self:
        """Return the layout with other settings, for one file; InputError for those that are none or contradictory."""
        for name in settings:
            if name not in self._names():
                raise InputError(Parameter(name), f": has no meaning for {path}")
        for name, why in _foreign(path, settings):
            raise InputError(Parameter(name, settings[name]), f": {why}")
        fields = {name: settings.get(name, getattr(self, name)) for name in self._names()}
        if "decimal" in settings and "thousands" not in settings and fields["thousands"] == fields["decimal"]:
            fields["thousands"] = None  # in this file the mark means something else
        layout = self.from_fields(fields)
        for problem in layout_problems(layout, path):
            key = str(problem.path[-1])
            raise InputError(Parameter(key, getattr(layout, key)), f": {problem.message}")
        return layout

    def separator(self, path: Path) -> str:
        """Return what separates the columns of a file: as the layout says, else as the file's ending does."""
        return self.delimiter or DELIMITERS.get(ending(path, (*DELIMITERS,)) or "", ",")

    def unquoted_help(self, path: Path) -> str | None:
        """Return what to do if cells are uneven because numbers hold the delimiter of a file; None if they do not."""
        mark = self.separator(path)
        if mark not in (self.decimal, self.thousands):
            return None
        return f"numbers with {mark!r}, which is the delimiter too, must stand in quotes, else set dataset.delimiter"

    def skips(self, line: int) -> bool:
        """Return whether the line with this number, from 1, is left out."""
        return line <= self.skip_rows if isinstance(self.skip_rows, int) else line in self.skip_rows


def kind_problems(layout: Layout, path: Path) -> Iterator[Problem]:
    """Yield settings of a dataset that mean nothing for this kind of file, or for a folder of whole texts."""
    changed = [
        name for name, value in vars(layout).items() if value != getattr(Layout, name)
    ]  # a run's has all of them
    for name, why in _foreign(path, changed):
        yield Problem(("dataset", name), why)


def _foreign(path: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield those of these settings that mean nothing for a file or folder, each with what kind of file it is for."""
    foreign = (
        _OF_LINES if path.is_dir() else _FOREIGN.get(ending(path, (*_FOREIGN,), packed=(".jsonl", ".txt")) or "", ())
    )
    for name in names:
        if name in foreign:
            files = "files of text" if name == "encoding" else "CSV and TSV files"
            yield name, f"is for {files}; {path.name} is {'a folder' if path.is_dir() else 'none'}"


def layout_problems(layout: Layout, path: Path) -> Iterator[Problem]:
    """Yield what cannot work in the settings of a dataset that reads this file."""
    separator = layout.separator(path)
    if layout.quoting == "none":
        for key, value in (("decimal", layout.decimal), ("thousands", layout.thousands)):
            if value == separator:
                why = (
                    f"{value!r} is the delimiter already, and quoting: none has no cell with it; set dataset.delimiter"
                )
                yield Problem(("dataset", key), why)
    if layout.thousands == layout.decimal:
        yield Problem(("dataset", "thousands"), f"{layout.decimal!r} is the decimal already; set dataset.decimal")
    if layout.comment in (separator, '"'):
        yield Problem(("dataset", "comment"), f"{layout.comment!r} cannot begin a comment")
    if separator in ('"', "\r", "\n"):
        yield Problem(("dataset", "delimiter"), f"{separator!r} cannot separate columns")
    if fault := encoding_fault(layout.encoding):
        yield Problem(("dataset", "encoding"), fault)


def encoding_fault(encoding: str) -> str | None:
    """Return why text cannot be in this encoding, None if it can."""
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):  # there is none, it is not one of text, or its name holds a zero byte
        return f"Python knows no encoding {encoding!r} of text, as utf-8, utf-16, cp1252 and latin-1 are"
    return None
