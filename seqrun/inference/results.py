"""What a run predicts: a table for people, files for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from seqrun.components.keys import as_text, beside, between
from seqrun.components.reading import NewSamples
from seqrun.errors import InputError, Parameter, UsageError
from seqrun.inference.formats import ARRAYS, ENDINGS, TABLES
from seqrun.readable import counted, listed_names
from seqrun.rundir import atomic

SHOWN_DIGITS = 6  # at least, of a column's largest number
EXCERPT = 60  # characters of a text that are shown


@dataclass(frozen=True)
class Results:
    """Predictions, a row each; what no table can show, such as whole samples, has arrays alone."""

    columns: Mapping[str, Sequence[Any]]  # name -> values in full, one a row
    arrays: Mapping[str, np.ndarray]  # the same as arrays, for numpy
    shown: Mapping[str, Sequence[str]]  # header -> cells for people, one a row
    numeric: tuple[str, ...]  # headers of the cells that are numbers
    main: str = "predictions"  # the array that .npy, a file of one, holds
    summary: str | None = None  # of all rows, in a sentence

    @classmethod
    def without_rows(cls, arrays: Mapping[str, np.ndarray]) -> Results:
        """Return results that are arrays alone."""
        return cls({}, arrays, {}, ())

    def named_by(self, samples: NewSamples) -> Results:
        """Return these results, a row a sample, with what the sample is called and its file's own columns in front.

        A sample's text stands there under the name of its own column, if it has one, else as `text`.
        """
        texts, first = {}, as_text(samples.keys)
        if samples.texts is not None:
            texts, first = {"text": samples.texts}, {"text": [*map(_excerpt, samples.texts)]}
        columns = beside(samples.keys, ({} if samples.own else texts) | dict(self.columns))
        own = {name: cells for name, cells in samples.own.items() if samples.ids is None or name != samples.ids.name}
        return replace(
            self,
            columns=between(columns, 1, own),
            arrays=beside(samples.key_arrays, self.arrays),
            shown=beside(first, self.shown),
        )

    def as_json(self) -> str:
        """Return the results as the text of a JSON list: an object for each row, in full."""
        return TABLES[".json"](self.columns).decode()

    def write(self, path: Path) -> str:
        """Write the results in the format of the file's ending, and return a line that says what the file holds.

        Raises UsageError if it cannot be written.
        """
        ending = path.suffix.lower()
        content = TABLES[ending](self.columns) if ending in TABLES else ARRAYS[ending](self.arrays, self.main)
        try:
            atomic.write_bytes(path, content)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
        return f"{path}: {self._content(ending)}"

    def _content(self, ending: str) -> str:
        if ending in TABLES:
            rows = len(next(iter(self.columns.values())))
            return f"{counted(rows, 'row')} of {listed_names([*self.columns])}"
        names = [self.main] if ending == ".npy" else [*self.arrays]
        return ", ".join(f"{name} {self.arrays[name].shape}" for name in names)


def check_output(path: Path, source: Path | None = None) -> None:
    """Raise InputError if no format is known by the file's ending, its folder is not there, or it is the input."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(Parameter("output", path), f": the ending is none of {', '.join(ENDINGS)}")
    if not path.absolute().parent.is_dir():
        raise InputError(Parameter("output", path), f": there is no folder {path.parent}")
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        raise InputError(Parameter("output", path), ": is the input, which would be lost; name another file")


def figures(values: np.ndarray) -> list[float]:
    """Return a column of numbers as Python's, with the 9 digits that 32 bits have, or the 15 of 64 bits."""
    digits = 9 if values.dtype == np.float32 else 15
    return [float(f"{value:.{digits}g}") for value in values.tolist()]


def shown_figures(values: np.ndarray) -> list[str]:
    """Return numbers as text for people, all with as many decimals as show six digits of the largest."""
    largest = np.abs(values[np.isfinite(values)]).max(initial=0.0)
    whole = int(np.floor(np.log10(largest))) + 1 if largest > 0 else 1
    decimals = min(max(SHOWN_DIGITS - whole, 0), 12)
    return [f"{value:.{decimals}f}" for value in values]


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
