"""New samples as they are put through a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.inference.keys import Key, beside

ROW = "row"


@dataclass(frozen=True)
class NewSamples:
    """Samples that nobody has labelled."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    texts: Sequence[str] | None = None  # None where a sample is no text
    warnings: tuple[str, ...] = ()
    ids: Key | None = None  # what their file calls them; None: it has no names for them
    times: Key | None = None  # of their steps, where their file has such

    @property
    def keys(self) -> dict[str, list]:
        """What each sample is called, under the name of the column: by its file, else the number of its row."""
        return {ROW: self.index.tolist()} if self.ids is None else {self.ids.name: self.ids.cells}

    @property
    def key_arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays; the rows are there for all samples, as `index`."""
        rows = {"index": self.index}
        return rows if self.ids is None else beside({self.ids.name: self.ids.values}, rows)
