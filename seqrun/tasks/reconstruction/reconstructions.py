"""A split's samples beside what an autoencoder makes of them, as its plots show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.components.splits import Values
from seqrun.training.figures import plain

UNLABELLED = 10  # samples that are shown where there are no classes
MOST_PICTURES, MOST_LINES = 20, 10  # classes of which a sample is shown


@dataclass(frozen=True)
class Reconstructions:
    """Samples as they are and as they come back, (samples, time, features), in original units, pictures upright.

    Past a sample's end both are NaN.
    """

    values: Values
    originals: np.ndarray
    outputs: np.ndarray
    codes: np.ndarray  # (samples, latent_dim)
    errors: np.ndarray  # (samples,) mean squared errors in the network's units
    classes: Sequence[str]
    labels: np.ndarray | None  # (samples,) the number of each sample's class
    decode: Callable[[np.ndarray], np.ndarray]  # codes (samples, latent_dim) -> samples

    @property
    def shown_classes(self) -> int:
        """Of how many classes a sample is shown."""
        return min(len(self.classes), MOST_PICTURES if self.values.image else MOST_LINES)

    @property
    def names(self) -> list[str]:
        """The classes as a plot writes them."""
        return plain(self.classes, longest=16)

    def of_class(self, number: int) -> np.ndarray:
        """The samples of a class, by the size of their error."""
        members = np.flatnonzero(self.labels == number)
        return members[np.argsort(self.errors[members], kind="stable")]

    def typical(self) -> list[int]:
        """Each class's sample of median error, if it has any; without classes ten, in the order of their errors."""
        if self.labels is None:
            order = np.argsort(self.errors, kind="stable")
            places = np.linspace(0, len(order) - 1, min(UNLABELLED, len(order)) + 2)[1:-1]
            return order[np.unique(places.round().astype(int))].tolist()
        present = np.unique(self.labels)[: self.shown_classes].tolist()
        members = (self.of_class(number) for number in present)
        return [int(one[(len(one) - 1) // 2]) for one in members]

    def pair(self) -> tuple[int, int]:
        """Two samples to go between: the first two classes' typical ones, or a typical one and the one farthest off."""
        typical = self.typical()
        if self.labels is not None and len(typical) > 1:
            return typical[0], typical[1]
        start = typical[len(typical) // 2]
        distances = np.linalg.norm(self.codes - self.codes[start], axis=1)
        return start, int(distances.argmax())
