"""How new raw input becomes what a run's network reads: a reader, which a dataset offers, and what it has read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.components.keys import Key, beside
from seqrun.errors import InputError, Parameter

if TYPE_CHECKING:
    import numpy as np

ROW = "row"


@dataclass(frozen=True)
class NewSamples:
    """Samples that nobody has labelled."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    texts: Sequence[str] | None = None  # None where a sample is no text
    tokens: Sequence[Sequence[str]] | None = None  # of each sentence, also those past what the network reads
    warnings: tuple[str, ...] = ()
    ids: Key | None = None  # what their file calls them; None: it has no names for them
    times: Key | None = None  # of their steps, one sample's after another's, where their file has such
    ahead: Key | None = None  # (samples, horizon) the times that a forecast from them is about

    @property
    def keys(self) -> dict[str, list]:
        """What each sample is called, under the name of the column: by its file, else the number of its row."""
        return {ROW: self.index.tolist()} if self.ids is None else {self.ids.name: self.ids.cells}

    @property
    def key_arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays; the rows are there for all samples, as `index`."""
        rows = {"index": self.index}
        return rows if self.ids is None else beside({self.ids.name: self.ids.values}, rows)


class Reader(ABC):
    """Reads new input as the data of a run were read.

    Token ids in numpy's files need no reader: whatever it is, a run whose samples are tokens reads those as they are.
    """

    endings: tuple[str, ...]  # of the files that it reads

    def reads(self, path: Path) -> bool:
        """Return whether the file's ending is one of those."""
        return path.suffix.lower() in self.endings

    @abstractmethod
    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples in a file; `column` is that of a table, or the array of a .npz file, if it is not the
        usual one.

        Raises InputError for a column that cannot be, and DataError for what cannot be read.
        """

    def texts(self, texts: Sequence[str]) -> NewSamples | None:
        """Return these texts, none of them empty, as samples; None: it reads no texts."""
        return None

    def lines(self, lines: Iterable[str], name: str) -> NewSamples | None:
        """Return the same of the lines of a file called `name`; raise DataError, or a warning, for those that are no
        texts.
        """
        return None


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """Raise InputError if the input's ending is none of these."""
    if path.suffix.lower() not in endings:
        raise wrong_ending(path, endings)


def wrong_ending(path: Path, endings: Sequence[str]) -> InputError:
    """Return what input of another kind is refused with."""
    return InputError(Parameter("input", path), f": the ending is none of {', '.join(endings)}")
