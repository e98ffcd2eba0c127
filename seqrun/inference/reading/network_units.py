"""Arrays that a network reads as they are: token ids, or values in its own units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.reading import NewSamples, Reader
from seqrun.components.splits import Spec
from seqrun.datasets.files import arrays
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.errors import DataError, InputError, Parameter


@dataclass(frozen=True)
class ArrayReader(Reader):
    """Reads samples in the network's units."""

    endings = arrays.ENDINGS

    spec: Spec

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples of an array, or the one sample that it is; DataError if the network cannot read it."""
        array, shape, vocabulary = arrays.read_numbers(path, column), self.spec.input_shape, self.spec.vocabulary
        if array.shape == shape:
            array = array[None]
        if array.shape[1:] != shape:
            raise DataError(f"{path}: has the shape {array.shape}; the network reads {_samples(self.spec)}")
        index = np.arange(len(array))
        if vocabulary is None:
            return NewSamples(array.astype(np.float32), index)
        if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= vocabulary.size:
            raise DataError(f"{path}: must hold token ids, whole numbers from 0 to {vocabulary.size - 1}")
        return NewSamples(array.astype(np.int32), index, [vocabulary.decode(ids) for ids in array])


@dataclass(frozen=True)
class WindowReader(Reader):
    """Reads windows of series for a network whose dataset does not say how it reads series."""

    endings = (*ENDINGS, ".npy")

    spec: Spec

    def reads(self, path: Path) -> bool:
        """Return whether it is an array, or a table, for which `read` has an error of its own."""
        return path.suffix.lower() == ".npy" or ending(path) is not None

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the windows of an array, each of a series of its own; InputError for a table."""
        if path.suffix.lower() != ".npy":
            why = (
                ": the run's dataset says not how it reads a table; give an array as the network reads it, "
                f"{_samples(self.spec)}, with "
            )
            raise InputError(Parameter("input", path), why, Parameter("input", form="FILE.npy"))
        inputs = ArrayReader(self.spec).read(path, column).inputs
        index = np.arange(len(inputs))
        return NewSamples(inputs, index, ids=Key.of("series", np.array([*map(str, index)])))


def _samples(spec: Spec) -> str:
    """Return the shape of an array of samples, as text."""
    return f"(samples, {', '.join(map(str, spec.input_shape))})"
