"""Samples of numbers as they stand in their file, before they are numbered, split and scaled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from seqrun.datasets.samples.faults import Faults, Where
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.errors import DataError

LabelEach = Literal["sample", "step"]


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Add the file's name in front of a DataError's message."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


@dataclass(frozen=True)
class RawSequences:
    """Samples in original units; those of the file's own splits stand together, the training ones first."""

    values: RaggedValues
    features: tuple[str, ...]
    labels: np.ndarray | None  # objects, (samples, columns) or of each step (sum of lengths,); None: there are none
    index: np.ndarray  # (samples,) int64: the sample's number in its array or file, from 0
    where: Where
    validation_from: int | None = None  # where the file's own splits begin, if it has them
    test_from: int | None = None
    ids: np.ndarray | None = None  # (samples,) what the file calls them, if it has names for them
    times: np.ndarray | None = None  # (sum of lengths,) of each step, if the file has them
    rows: np.ndarray | None = None  # (sum of lengths,) the row of each step, from 0, if steps have rows of their own
    groups: np.ndarray | None = None  # (samples,) objects: samples of one are kept in one split, if the config says so
    faults: Faults = field(default_factory=dict)  # what has been found to be wrong with samples
    rows_told: tuple[str, ...] = ()  # messages about rows of the file that cannot be used and are not among these

    def taken(self, positions: np.ndarray) -> RawSequences:
        """Return only the samples at these positions, which are in order and without fault."""
        steps = self.values.rows_of(positions)

        def border(first: int | None) -> int | None:
            return None if first is None else int(np.searchsorted(positions, first))

        def of(array: np.ndarray | None, which: np.ndarray) -> np.ndarray | None:
            return None if array is None else array[which]

        return replace(
            self,
            values=self.values.taken(positions),
            labels=of(self.labels, steps if self.labels is not None and self.labels.ndim == 1 else positions),
            index=self.index[positions],
            where=lambda position: self.where(int(positions[position])),
            validation_from=border(self.validation_from),
            test_from=border(self.test_from),
            ids=of(self.ids, positions),
            times=of(self.times, steps),
            rows=of(self.rows, steps),
            groups=of(self.groups, positions),
            faults={},
        )
