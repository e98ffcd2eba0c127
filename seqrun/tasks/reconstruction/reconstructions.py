"""A split's samples and their reconstructions, as the figures show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.components.splits import Values
from seqrun.training.figures import plain

UNLABELLED = 10  # samples that are shown if there are no classes
MOST_PICTURES, MOST_LINES = 20, 10  # classes that are shown, by one sample each


@dataclass(frozen=True)
class Reconstructions:
    """A split's samples and their reconstructions, in original units, pictures upright; NaN past a sample's end."""

    values: Values
    originals: np.ndarray  # (samples, time, features)
    outputs: np.ndarray  # (samples, time, features) the reconstructions
    codes: np.ndarray  # (samples, latent_dim)
    errors: np.ndarray  # (samples,) mean squared errors in the network's units
    classes: Sequence[str]
    labels: np.ndarray | None  # (samples,) the number of each sample's class; None: there are no classes
    decode: Callable[[np.ndarray], np.ndarray]  # codes (samples, latent_dim) -> samples

    @property
    def shown_classes(self) -> int:
        """How many classes are shown, by one sample each."""
        return min(len(self.classes), MOST_PICTURES if self.values.image else MOST_LINES)

    @property
    def names(self) -> list[str]:
        """The names of the classes as a figure writes them."""
        return plain(self.classes, longest=16)

    def of_class(self, number: int) -> np.ndarray:
        """Return the numbers of the samples of a class, from the smallest error to the largest."""
        members = np.flatnonzero(self.labels == number)
        return members[np.argsort(self.errors[members], kind="stable")]

    def typical(self) -> list[int]:
        """Return the numbers of the samples to show.

        They are each class's sample of median error; or, without classes, ten from a small to a large error.
        """
        if self.labels is None:
            order = np.argsort(self.errors, kind="stable")
            places = np.linspace(0, len(order) - 1, min(UNLABELLED, len(order)) + 2)[1:-1]
            return order[np.unique(places.round().astype(int))].tolist()
        present = np.unique(self.labels)[: self.shown_classes].tolist()
        members = (self.of_class(number) for number in present)
        return [int(one[(len(one) - 1) // 2]) for one in members]

    def pair(self) -> tuple[int, int]:
        """Return the numbers of two samples to interpolate between.

        They are the typical samples of the first two classes; or, without two classes, a typical sample and the one
        whose code is farthest from its.
        """
        typical = self.typical()
        if self.labels is not None and len(typical) > 1:
            return typical[0], typical[1]
        start = typical[len(typical) // 2]
        distances = np.linalg.norm(self.codes - self.codes[start], axis=1)
        return start, int(distances.argmax())
