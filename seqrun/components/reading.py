"""New raw input for a run's network: the readers that datasets offer, and the samples that they read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.keys import Key, beside
from seqrun.errors import InputError, Parameter

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.splits import Spec, Split, Windows
    from seqrun.components.units import Units

ROW = "row"


@dataclass(frozen=True)
class NewSamples:
    """New samples, without targets."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    texts: Sequence[str] | None = None  # None where a sample is no text
    tokens: Sequence[Sequence[str]] | None = None  # of each sentence, also those past what the network reads
    warnings: tuple[str, ...] = ()
    ids: Key | None = None  # what their file calls them; None: it has no names for them
    times: Key | None = None  # of their steps, one sample's after another's, where their file has such
    ahead: Key | None = None  # (samples, horizon) the times that a forecast from them is about
    own: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # the columns of their file, a cell a sample
    own_of_steps: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # a cell a step, like `times`
    units: Units | None = None  # of a forecast's targets, where each series has its own; None: the spec's

    @property
    def keys(self) -> dict[str, list[Any]]:
        """What the samples are called, under the name of their column: as in the file, else `row` and their row
        numbers.
        """
        return {ROW: self.index.tolist()} if self.ids is None else {self.ids.name: self.ids.cells}

    @property
    def key_arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays; the row numbers are always there, as `index`."""
        rows = {"index": self.index}
        return rows if self.ids is None else beside({self.ids.name: self.ids.values}, rows)


@dataclass(frozen=True)
class LabelledSamples:
    """New samples with what is true of them, as a run's own data have it."""

    split: Split | Windows
    samples: NewSamples | None = None  # the same with what they are called; None: windows, which have times
    warnings: tuple[str, ...] = ()
    spec: Spec | None = None  # of a target that tells these series apart; None: the run's
    series: Sequence[str] = ()  # the names of windows' series, by their numbers, if they have names


class Reader(ABC):
    """Reads new input in the way in which a run's own data were read.

    Token ids in numpy files need no reader: every run whose samples are tokens reads them as they are.
    """

    endings: tuple[str, ...]  # of the files that it reads

    def reads(self, path: Path) -> bool:
        """Return whether this reader reads files with the path's ending."""
        return path.suffix.lower() in self.endings

    def written(self, settings: Mapping[str, Any], path: Path) -> Reader:
        """Return the reader of a file of text that is written otherwise than the run's own: `delimiter: ';'`.

        The names are those of the datasets' settings. Raises InputError for one that has no meaning for the file.
        """
        [name, *_] = settings
        raise InputError(Parameter(name), f": has no meaning for {path}")

    @abstractmethod
    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples in a file.

        `column` is the column of a table, or the array of a .npz file, if not the usual one. Raises InputError for a
        column that cannot be used, and DataError for a file that cannot be read.
        """

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return the samples in a file with their labels, or whatever the run learned to predict, read as its own were.

        `column` is as in `read`; `label` is the column or array of the labels, if not the run's own. Raises InputError
        for a column that cannot be used, and DataError for labels that are missing or that the run never saw.
        """
        raise InputError(Parameter("input", path), ": the run's dataset does not say how labels are read from a file")

    def texts(self, texts: Sequence[str]) -> NewSamples | None:
        """Return these texts, none of them empty, as samples; None if the reader reads no texts."""
        return None

    def lines(self, lines: Iterable[str], name: str) -> NewSamples | None:
        """Return the lines of a file called `name` as samples, one text a line; None if the reader reads no texts.

        Raises DataError for lines that are no texts, or warns of them.
        """
        return None


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """Raise InputError if the path's ending is none of these."""
    if path.suffix.lower() not in endings:
        raise wrong_ending(path, endings)


def wrong_ending(path: Path, endings: Sequence[str]) -> InputError:
    """Return the error for input whose ending is none of these."""
    return InputError(Parameter("input", path), f": the ending is none of {', '.join(endings)}")
